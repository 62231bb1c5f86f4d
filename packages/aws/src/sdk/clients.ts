import type { EC2Client, EC2ClientConfig } from '@aws-sdk/client-ec2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { RedshiftClient } from '@aws-sdk/client-redshift';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentials, AccountAccess } from '../port/access.ts';
import type { Connections } from './connections.ts';
import type { JsonClient } from './json-client.ts';

export type Ec2Sdk = (typeof import('./ec2-commands.ts'))['ec2Sdk'];
export type IamSdk = (typeof import('./iam-commands.ts'))['iamSdk'];
type JsonSdk = (typeof import('./json-services.ts'))['jsonSdk'];
export type RdsSdk = (typeof import('./rds-commands.ts'))['rdsSdk'];
export type RedshiftSdk = (typeof import('./redshift-commands.ts'))['redshiftSdk'];
export type SsmSdk = (typeof import('./ssm-commands.ts'))['ssmSdk'];
export type StsSdk = (typeof import('./sts-commands.ts'))['stsSdk'];

/** A client and the part of the SDK it belongs to. */
type Line<Client, Sdk> = { readonly client: Client; readonly sdk: Sdk };
/** Finds the client of an account and region. */
export type Connect<Client, Sdk> = (access: AccountAccess, region: string) => Promise<Line<Client, Sdk>>;

export type Clients = {
  readonly ec2: Connect<EC2Client, Ec2Sdk>;
  readonly iam: Connect<IAMClient, IamSdk>;
  readonly kms: Connect<JsonClient, JsonSdk>;
  readonly rds: Connect<RDSClient, RdsSdk>;
  readonly redshift: Connect<RedshiftClient, RedshiftSdk>;
  readonly servicequotas: Connect<JsonClient, JsonSdk>;
  readonly ssm: Connect<SSMClient, SsmSdk>;
  readonly sts: Connect<STSClient, StsSdk>;
  readonly forget: (accountKey: string) => void;
};

type ClientsInput = {
  readonly connections: Connections;
  readonly endpointUrl: string | undefined;
  readonly maxClients: number;
};

/** One client for each service, account and region, made when first needed and again when the credentials changed. */
export function createClients({ connections, endpointUrl, maxClients }: ClientsInput): Clients {
  const configOf = (region: string, credentials: AwsCredentials) => ({
    ...commonConfig(region, credentials),
    requestHandler: connections.handler,
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
  });
  type Config = ReturnType<typeof configOf>;
  const credentialsOf = sharedCredentials();
  const caches: { readonly forget: (accountKey: string) => void }[] = [];
  /** A service's part of the SDK is loaded by its first call. */
  const service = <Client, Sdk>(
    load: () => Promise<Sdk>,
    make: (sdk: Sdk, config: Config) => Client,
  ): Connect<Client, Sdk> => {
    const cache = clientCache<Client>(maxClients);
    caches.push(cache);
    return async (access, region) => {
      const [sdk, credentials] = await Promise.all([load(), credentialsOf(access)]);
      const makeOne = () => make(sdk, configOf(region, credentials));
      return { sdk, client: cache.get(access.accountKey, region, credentials, makeOne) };
    };
  };
  return {
    ec2: service(
      async () => (await import('./ec2-commands.ts')).ec2Sdk,
      (sdk, config) => new sdk.EC2Client(config),
    ),
    iam: service(
      async () => (await import('./iam-commands.ts')).iamSdk,
      (sdk, config) => new sdk.IAMClient(config),
    ),
    kms: service(loadJson, (sdk, config) => sdk.kms(config)),
    servicequotas: service(loadJson, (sdk, config) => sdk.servicequotas(config)),
    rds: service(
      async () => (await import('./rds-commands.ts')).rdsSdk,
      (sdk, config) => new sdk.RDSClient(config),
    ),
    redshift: service(
      async () => (await import('./redshift-commands.ts')).redshiftSdk,
      (sdk, config) => new sdk.RedshiftClient(config),
    ),
    ssm: service(
      async () => (await import('./ssm-commands.ts')).ssmSdk,
      (sdk, config) => new sdk.SSMClient(config),
    ),
    sts: service(
      async () => (await import('./sts-commands.ts')).stsSdk,
      (sdk, config) => new sdk.STSClient(config),
    ),
    forget: (accountKey) => {
      for (const cache of caches) cache.forget(accountKey);
    },
  };
}

const loadJson = async () => (await import('./json-services.ts')).jsonSdk;

/** Calls that go out together ask for the credentials once: each asking for itself would be late by the others' reads. */
function sharedCredentials(): (access: AccountAccess) => Promise<AwsCredentials> {
  const asked = new WeakMap<AccountAccess, Promise<AwsCredentials>>();
  return (access) => {
    const known = asked.get(access);
    if (known !== undefined) return known;
    const answer = access.credentials().finally(() => asked.delete(access));
    asked.set(access, answer);
    return answer;
  };
}

function commonConfig(region: string, credentials: AwsCredentials) {
  return {
    region,
    credentials: { ...credentials },
    // The SDK's own repeats made three snapshots of one call: every repeat is decided in call.ts.
    maxAttempts: 1,
    retryMode: 'standard',
    // Everything that the SDK would otherwise look for in files and variables of whoever runs the server.
    defaultsMode: 'standard' as const,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    ignoreConfiguredEndpointUrls: true,
    authSchemePreference: ['sigv4'],
    userAgentAppId: 'cpm',
    logger: SILENT,
    cacheMiddleware: true,
  };
}

/** Without `info` the SDK does not even gather what it would log of every call, which took a tenth of its time. */
const SILENT = { trace: () => {}, debug: () => {}, warn: () => {}, error: () => {} } as unknown as NonNullable<
  EC2ClientConfig['logger']
>;

type Kept<Client> = { readonly client: Client; readonly credentials: AwsCredentials; readonly accountKey: string };

/** The least recently used client goes first. A client is only dropped: its connections belong to all. */
function clientCache<Client>(maxClients: number) {
  const kept = new Map<string, Kept<Client>>();
  return {
    get: (accountKey: string, region: string, credentials: AwsCredentials, make: () => Client): Client => {
      const key = `${accountKey}\n${region}`;
      const known = kept.get(key);
      kept.delete(key);
      const current = known !== undefined && sameCredentials(known.credentials, credentials);
      const entry = current ? known : { client: make(), credentials, accountKey };
      kept.set(key, entry);
      for (const oldest of kept.keys()) {
        if (kept.size <= maxClients) break;
        kept.delete(oldest);
      }
      return entry.client;
    },
    forget: (accountKey: string): void => {
      for (const [key, entry] of kept) if (entry.accountKey === accountKey) kept.delete(key);
    },
  };
}

function sameCredentials(one: AwsCredentials, other: AwsCredentials): boolean {
  return (
    one.accessKeyId === other.accessKeyId &&
    one.secretAccessKey === other.secretAccessKey &&
    one.sessionToken === other.sessionToken
  );
}
