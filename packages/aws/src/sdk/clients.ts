import type { EC2Client, EC2ClientConfig } from '@aws-sdk/client-ec2';
import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentials, AccountAccess } from '../port/access.ts';
import type { Connections } from './connections.ts';

export type Ec2Sdk = (typeof import('./ec2-commands.ts'))['ec2Sdk'];
export type StsSdk = (typeof import('./sts-commands.ts'))['stsSdk'];

/** A client and the part of the SDK it belongs to. */
type Ec2Line = { readonly client: EC2Client; readonly sdk: Ec2Sdk };
type StsLine = { readonly client: STSClient; readonly sdk: StsSdk };

export type Clients = {
  readonly ec2: (access: AccountAccess, region: string) => Promise<Ec2Line>;
  readonly sts: (access: AccountAccess, region: string) => Promise<StsLine>;
  readonly forget: (accountKey: string) => void;
};

type ClientsInput = {
  readonly connections: Connections;
  readonly endpointUrl: string | undefined;
  readonly maxClients: number;
};

/** One client for each service, account and region, made when first needed and again when the credentials changed. */
export function createClients({ connections, endpointUrl, maxClients }: ClientsInput): Clients {
  const config = (region: string, credentials: AwsCredentials) => ({
    ...commonConfig(region, credentials),
    requestHandler: connections.handler,
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
  });
  const ec2Clients = clientCache<EC2Client>(maxClients);
  const stsClients = clientCache<STSClient>(maxClients);
  const credentialsOf = sharedCredentials();
  return {
    ec2: async (access, region) => {
      const [{ ec2Sdk: sdk }, credentials] = await Promise.all([import('./ec2-commands.ts'), credentialsOf(access)]);
      const make = () => new sdk.EC2Client(config(region, credentials));
      return { sdk, client: ec2Clients.get(access.accountKey, region, credentials, make) };
    },
    sts: async (access, region) => {
      const [{ stsSdk: sdk }, credentials] = await Promise.all([import('./sts-commands.ts'), credentialsOf(access)]);
      const make = () => new sdk.STSClient(config(region, credentials));
      return { sdk, client: stsClients.get(access.accountKey, region, credentials, make) };
    },
    forget: (accountKey) => {
      ec2Clients.forget(accountKey);
      stsClients.forget(accountKey);
    },
  };
}

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
