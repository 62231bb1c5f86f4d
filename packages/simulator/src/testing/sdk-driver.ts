import * as ec2 from '@aws-sdk/client-ec2';
import * as iam from '@aws-sdk/client-iam';
import * as rds from '@aws-sdk/client-rds';
import * as redshift from '@aws-sdk/client-redshift';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { AwsRefusal, type Driver, type Shape, type Target } from './driver.ts';

type AnyClient = { readonly send: (command: object) => Promise<unknown>; readonly destroy: () => void };
type Module = Readonly<Record<string, unknown>>;

const modules: Readonly<Record<string, { readonly module: Module; readonly client: string }>> = {
  ec2: { module: ec2, client: 'EC2Client' },
  iam: { module: iam, client: 'IAMClient' },
  rds: { module: rds, client: 'RDSClient' },
  redshift: { module: redshift, client: 'RedshiftClient' },
  ssm: { module: ssm, client: 'SSMClient' },
  sts: { module: sts, client: 'STSClient' },
};

const makeClient = (target: Target): AnyClient => {
  const found = modules[target.service];
  const Client = found?.module[found.client] as new (settings: object) => AnyClient;
  const { accessKeyId, secretAccessKey, sessionToken } = target;
  return new Client({
    endpoint: target.url,
    region: target.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    maxAttempts: 1,
  });
};

const refusalFrom = (thrown: unknown): AwsRefusal => {
  const error = thrown as {
    readonly name: string;
    readonly Code?: string;
    readonly message: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return new AwsRefusal(error.Code ?? error.name, error.message, error.$metadata?.httpStatusCode ?? 0);
};

/** The AWS SDK for JavaScript v3, one attempt per call. */
export const sdkDriver = (): Driver => {
  const clients = new Map<string, AnyClient>();
  return {
    name: 'the SDK for JavaScript',
    call: async (target, action, params) => {
      const key = JSON.stringify(target);
      const client = clients.get(key) ?? makeClient(target);
      clients.set(key, client);
      const Command = modules[target.service]?.module[`${action}Command`] as new (input: object) => object;
      return client.send(new Command(params)).then(
        (reply) => reply as Shape,
        (thrown: unknown) => {
          throw refusalFrom(thrown);
        },
      );
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
      return Promise.resolve();
    },
  };
};
