import { startMotoProcess } from '../../../packages/aws/src/contract-suite/moto.ts';
import { plainEnvironment, runProgram } from './run-program.ts';

export const REGION = 'us-east-1';
export const ZONE = 'us-east-1a';
export const OTHER_ZONE = 'us-east-1b';
/** As moto numbers the account of whoever sets it up. */
export const ACCOUNT_NUMBER = '123456789012';
export const DATA_VOLUME = { device: '/dev/sdf', sizeGiB: 500, type: 'st1', name: 'web-data' };

export type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string };
export type Tags = readonly { readonly Key: string; readonly Value: string }[];
export type Snapshot = {
  readonly SnapshotId: string;
  readonly VolumeId: string;
  readonly State: string;
  readonly VolumeSize: number;
  readonly Tags: Tags;
};
export type Volume = {
  readonly VolumeId: string;
  readonly Size: number;
  readonly VolumeType: string;
  readonly AvailabilityZone: string;
  readonly SnapshotId?: string;
  readonly State: string;
  readonly Attachments: readonly { readonly InstanceId: string; readonly Device: string; readonly State: string }[];
  readonly Tags?: Tags;
};
export type Instance = {
  readonly InstanceId: string;
  readonly InstanceType: string;
  readonly SubnetId: string;
  readonly State: { readonly Name: string };
  readonly SecurityGroups: readonly { readonly GroupId: string }[];
  readonly BlockDeviceMappings: readonly { readonly DeviceName: string; readonly Ebs: { readonly VolumeId: string } }[];
  readonly Tags: Tags;
};

/** A manual snapshot of a database or cluster, whichever service holds it. */
export type NamedSnapshot = {
  readonly name: string;
  readonly source: string;
  readonly state: string;
  readonly tags: Tags;
};

/** A database or cluster, whichever service holds it: what a recovery has to bring back. */
export type SeenDatabase = {
  readonly name: string;
  readonly state: string;
  readonly engine: string;
  readonly size: string;
  readonly port: number;
  readonly user: string;
  readonly tags: Tags;
};

/** One database of each kind. */
export const DATABASES = { database: 'orders', cluster: 'shop', redshift: 'sales' };

/** One AWS CLI command, without its endpoint, region and output; answers what it printed as JSON. */
type Aws = <Answer>(...args: readonly string[]) => Promise<Answer>;

export type MotoAws = {
  readonly url: string;
  /** May do everything. */
  readonly keys: Keys;
  /** Of a user without any permission. */
  readonly keysWithoutRights: Keys;
  /** Two instances with a root and a data volume each, in one zone. */
  readonly instances: readonly Instance[];
  readonly snapshots: (tag: string, value: string) => Promise<readonly Snapshot[]>;
  /** The manual ones of all databases and clusters. */
  readonly databaseSnapshots: () => Promise<readonly NamedSnapshot[]>;
  /** All databases and clusters. */
  readonly databases: () => Promise<readonly SeenDatabase[]>;
  readonly volumes: (filter: string, value: string) => Promise<readonly Volume[]>;
  readonly instancesOf: (tag: string, value: string) => Promise<readonly Instance[]>;
  readonly imageNames: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
};

/** What this machine lacks to bear witness, in words. */
export async function whatIsMissing(): Promise<readonly string[]> {
  const runs = async (command: string, ...args: readonly string[]) =>
    (await runProgram(command, args, { env: plainEnvironment() }).catch(() => null))?.exitCode === 0;
  return [
    ...((await runs('python3', '-c', 'import moto.server')) ? [] : ['python3 with moto[server] 5.2.1']),
    ...((await runs('aws', '--version')) ? [] : ['the AWS CLI']),
  ];
}

/**
 * Starts a moto server, plants the estate with the AWS CLI, and has moto check signatures and permissions from then on.
 */
export async function startMotoAws(): Promise<MotoAws> {
  const moto = await startMotoProcess();
  if (moto === null) throw new Error('moto does not start');
  const { url, stop } = moto;
  try {
    const setUp = awsCli(url, { accessKeyId: 'setup', secretAccessKey: 'setup' });
    const instances = await plantInstances(setUp);
    await plantDatabases(setUp);
    const keys = await plantUser(setUp, 'cpm', ['*']);
    const keysWithoutRights = await plantUser(setUp, 'nobody', []);
    await fetch(`${url}/moto-api/reset-auth`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '0' });
    return { url, keys, keysWithoutRights, instances, ...eyes(awsCli(url, keys)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function awsCli(url: string, { accessKeyId, secretAccessKey }: Keys): Aws {
  const env = {
    ...plainEnvironment(),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: REGION,
    // Nothing of this machine's own set-up.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  return async <Answer>(...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await runProgram('aws', [...args, '--endpoint-url', url, '--output', 'json'], {
      env,
    });
    if (exitCode !== 0) throw new Error(`aws ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return JSON.parse(stdout === '' ? 'null' : stdout) as Answer;
  };
}

async function plantInstances(aws: Aws): Promise<readonly Instance[]> {
  const imageId = await aws<string>('ec2', 'register-image', '--name', 'base', '--query', 'ImageId');
  const subnets = ['ec2', 'describe-subnets', '--filters', `Name=availability-zone,Values=${ZONE}`];
  const subnetId = await aws<string>(...subnets, '--query', 'Subnets[0].SubnetId');
  const groups = ['ec2', 'describe-security-groups', '--filters', 'Name=group-name,Values=default'];
  const groupId = await aws<string>(...groups, '--query', 'SecurityGroups[0].GroupId');
  const { device, sizeGiB, type, name } = DATA_VOLUME;
  const devices = [
    { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 20, VolumeType: 'gp3', DeleteOnTermination: true } },
    { DeviceName: device, Ebs: { VolumeSize: sizeGiB, VolumeType: type } },
  ];
  const tags = [
    { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] },
    { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: name }] },
  ];
  const placed = ['--subnet-id', subnetId, '--security-group-ids', groupId, '--count', '2'];
  const shaped = [
    '--image-id',
    imageId,
    '--instance-type',
    'm5.large',
    '--block-device-mappings',
    JSON.stringify(devices),
  ];
  await aws('ec2', 'run-instances', ...shaped, ...placed, '--tag-specifications', JSON.stringify(tags));
  return aws('ec2', 'describe-instances', '--query', 'Reservations[].Instances[]');
}

async function plantDatabases(aws: Aws): Promise<void> {
  const { database, cluster, redshift } = DATABASES;
  const secret = ['--master-username', 'someone', '--master-user-password', 'Not-a-secret-1'];
  const size = ['--db-instance-class', 'db.t3.micro', '--engine', 'mysql', '--allocated-storage', '20'];
  await aws('rds', 'create-db-instance', '--db-instance-identifier', database, ...size, ...secret);
  const engine = ['--engine', 'aurora-postgresql'];
  await aws('rds', 'create-db-cluster', '--db-cluster-identifier', cluster, ...engine, ...secret);
  const nodes = ['--node-type', 'ra3.xlplus', '--number-of-nodes', '2'];
  await aws('redshift', 'create-cluster', '--cluster-identifier', redshift, ...nodes, ...secret);
}

async function plantUser(aws: Aws, name: string, actions: readonly string[]): Promise<Keys> {
  const user = ['--user-name', name];
  await aws('iam', 'create-user', ...user);
  if (actions.length > 0) {
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
    await aws('iam', 'put-user-policy', ...user, '--policy-name', 'p', '--policy-document', JSON.stringify(policy));
  }
  const query = ['--query', 'AccessKey.[AccessKeyId,SecretAccessKey]'];
  const [accessKeyId, secretAccessKey] = await aws<[string, string]>('iam', 'create-access-key', ...user, ...query);
  return { accessKeyId, secretAccessKey };
}

const SHARED_PATHS = { engine: 'Engine', user: 'MasterUsername', tags: 'TagList' };
const DATABASE_PATHS = {
  ...SHARED_PATHS,
  name: 'DBInstanceIdentifier',
  state: 'DBInstanceStatus',
  size: "join(' ', [DBInstanceClass, to_string(AllocatedStorage)])",
  port: 'Endpoint.Port',
};
const CLUSTER_PATHS = {
  ...SHARED_PATHS,
  name: 'DBClusterIdentifier',
  state: 'Status',
  size: 'to_string(length(DBClusterMembers))',
  port: 'Port',
};
const REDSHIFT_PATHS = {
  ...SHARED_PATHS,
  name: 'ClusterIdentifier',
  state: 'ClusterStatus',
  size: "join(' ', [NodeType, to_string(NumberOfNodes)])",
  port: 'Endpoint.Port',
  tags: 'Tags',
};

/** What the witness can see; it changes nothing. */
function eyes(aws: Aws): Omit<MotoAws, 'url' | 'keys' | 'keysWithoutRights' | 'instances' | 'stop'> {
  const filter = (name: string, value: string) => ['--filters', `Name=${name},Values=${value}`];
  return {
    snapshots: (tag, value) => aws('ec2', 'describe-snapshots', ...filter(`tag:${tag}`, value), '--query', 'Snapshots'),
    databaseSnapshots: async () => {
      const seen = (list: string, name: string, source: string, [state, tags]: readonly [string, string]) =>
        `${list}[?SnapshotType=='manual'].{name:${name},source:${source},state:${state},tags:${tags}}`;
      const of = ['Status', 'TagList'] as const;
      const single = seen('DBSnapshots', 'DBSnapshotIdentifier', 'DBInstanceIdentifier', of);
      const whole = seen('DBClusterSnapshots', 'DBClusterSnapshotIdentifier', 'DBClusterIdentifier', of);
      const sales = seen('Snapshots', 'SnapshotIdentifier', 'ClusterIdentifier', ['Status', 'Tags']);
      const found = await Promise.all([
        aws<NamedSnapshot[]>('rds', 'describe-db-snapshots', '--query', single),
        aws<NamedSnapshot[]>('rds', 'describe-db-cluster-snapshots', '--query', whole),
        aws<NamedSnapshot[]>('redshift', 'describe-cluster-snapshots', '--query', sales),
      ]);
      return found.flat();
    },
    databases: async () => {
      const seen = (list: string, of: Readonly<Record<keyof SeenDatabase, string>>) =>
        `${list}[].{${Object.entries(of)
          .map(([field, path]) => `${field}:${path}`)
          .join(',')}}`;
      const found = await Promise.all([
        aws<SeenDatabase[]>('rds', 'describe-db-instances', '--query', seen('DBInstances', DATABASE_PATHS)),
        aws<SeenDatabase[]>('rds', 'describe-db-clusters', '--query', seen('DBClusters', CLUSTER_PATHS)),
        aws<SeenDatabase[]>('redshift', 'describe-clusters', '--query', seen('Clusters', REDSHIFT_PATHS)),
      ]);
      return found.flat();
    },
    volumes: (name, value) => aws('ec2', 'describe-volumes', ...filter(name, value), '--query', 'Volumes'),
    instancesOf: (tag, value) =>
      aws('ec2', 'describe-instances', ...filter(`tag:${tag}`, value), '--query', 'Reservations[].Instances[]'),
    imageNames: () => aws('ec2', 'describe-images', '--owners', 'self', '--query', 'Images[].Name'),
  };
}
