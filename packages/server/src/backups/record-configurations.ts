import type { Ec2Port, Image, InstanceAttributes, InstanceDetails, Volume } from '@cpm/aws/port';
import { isCpmError } from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';
import type { Database, StoredConfiguration } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, warning, type NewLogLine } from '../logs/log-lines.store.ts';
import type { BackupRow } from './backups.store.ts';
import { completeConfiguration } from './instance-configuration.ts';
import {
  findResources,
  findSnapshots,
  saveConfigurations,
  saveVolumeDetails,
  type ResourceRow,
} from './snapshots.store.ts';

/** Protection flags can change on a running instance: what is older than this is read again. */
const ATTRIBUTES_HOLD_MS = 24 * 3600_000;

/**
 * Completes the configuration records (POL-8) with what costs further calls: attributes, images and volumes. Read after the
 * snapshots were started, region by region; what AWS refuses to tell is a warning in the log, never the end of the backup.
 */
export async function recordConfigurations(
  context: ServerContext,
  job: JobContext<Database>,
  { backup, regions }: { readonly backup: BackupRow; readonly regions: readonly string[] },
): Promise<void> {
  // The job comes back here at each wake: nothing is read when all has been recorded.
  if (regions.every((region) => job.finished(stepOf(region)))) return;
  const resources = (await findResources(context.db, backup.id)).filter(
    ({ state }) => state !== 'missing' && state !== 'refused',
  );
  const byRegion = Map.groupBy(resources, ({ region }) => region);
  await Promise.all(
    [...byRegion].map(async ([region, each]) => {
      const step = stepOf(region);
      if (job.finished(step)) return;
      const ec2 = ec2Of(context, backup.accountId, region, { priority: 'background', signal: job.signal });
      const read = await readRegion(context, { backup, ec2, resources: each });
      await job.transactionStep(step, async (tx) => {
        await saveVolumeDetails(tx, backup.id, read.volumes);
        await saveConfigurations(
          tx,
          backup.ownerId,
          read.instances.map(({ resource, configuration, userData }) => ({
            resourceId: resource.id,
            configuration,
            sealedUserData: userData === null ? null : context.secrets.seal(userData, userDataBinding(resource.id)),
          })),
        );
        await appendLog(tx, backup.id, context.clock.now(), read.log);
        return null;
      });
    }),
  );
}

const stepOf = (region: string): string => `configuration ${region}`;

/** What binds sealed user data to its row. */
export const userDataBinding = (resourceId: string): string => `backup_resources/${resourceId}`;

type RegionResources = {
  readonly backup: BackupRow;
  readonly ec2: Ec2Port;
  readonly resources: readonly ResourceRow[];
};
type RecordedInstance = {
  readonly resource: ResourceRow;
  readonly configuration: StoredConfiguration;
  readonly userData: string | null;
};
type RegionRecord = {
  readonly volumes: readonly Volume[];
  readonly instances: readonly RecordedInstance[];
  readonly log: readonly NewLogLine[];
};

async function readRegion(context: ServerContext, { backup, ec2, resources }: RegionResources): Promise<RegionRecord> {
  const log: NewLogLine[] = [];
  const orWarn = async <T>(what: string, read: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read;
    } catch (error) {
      if (!isCpmError(error) || error.code === 'shutting_down') throw error;
      log.push(warning(`${ec2.region}: ${what} could not be recorded: ${describeError(error)}`));
      return otherwise;
    }
  };
  const instances = resources.filter(({ kind, configuration }) => kind === 'instance' && configuration !== null);
  const volumeIds = await volumeIdsOf(context, backup, ec2.region, instances);
  const imageIds = [...new Set(instances.map(({ configuration }) => configuration?.image.imageId ?? ''))].filter(
    Boolean,
  );
  const [volumes, images] = await Promise.all([
    orWarn('the volumes', ec2.describeVolumes(volumeIds), []),
    orWarn('the images', ec2.describeImages(imageIds), [] as readonly Image[]),
  ]);
  const attributes = await readAttributes(context, { backup, ec2, resources: instances }, orWarn);
  for (const [instanceId, { unknown }] of attributes) {
    if (unknown.length > 0) log.push(warning(describeUnknown(ec2.region, instanceId, unknown)));
  }
  const recorded = instances.flatMap((resource): RecordedInstance[] => {
    if (resource.configuration === null) return [];
    const own = attributes.get(resource.resourceId) ?? UNKNOWN;
    const image = images.find(({ imageId }) => imageId === resource.configuration?.image.imageId) ?? null;
    const configuration = completeConfiguration(resource.configuration, { attributes: own, image, volumes });
    return [{ resource, configuration, userData: own.userDataBase64 }];
  });
  return { volumes, instances: recorded, log };
}

/** AWS told some attributes of an instance and refused others: a recovery will be without these. */
function describeUnknown(region: string, instanceId: string, unknown: readonly string[]): string {
  const isDenied = unknown.some((text) => /Unauthorized|AccessDenied/.test(text));
  const advice = isDenied
    ? ' Allow ec2:DescribeInstanceAttribute, ec2:DescribeInstanceCreditSpecifications and ec2:GetInstanceUefiData in the IAM policy of this account.'
    : '';
  return `${region}: attributes of ${instanceId} could not be recorded: ${unknown.join(', ')}.${advice}`;
}

async function volumeIdsOf(
  { db }: ServerContext,
  backup: BackupRow,
  region: string,
  instances: readonly ResourceRow[],
): Promise<string[]> {
  const snapshots = (await findSnapshots(db, backup.id)).filter(
    (snapshot) => snapshot.region === region && snapshot.service === 'ebs',
  );
  const attached = instances.flatMap(({ configuration }) => configuration?.volumes ?? []);
  return [...new Set([...snapshots.map(({ sourceId }) => sourceId), ...attached.map(({ volumeId }) => volumeId)])];
}

const UNKNOWN: InstanceAttributes = {
  userDataBase64: null,
  disableApiTermination: null,
  disableApiStop: null,
  shutdownBehaviour: null,
  uefiDataBase64: null,
  cpuCredits: null,
  unknown: [],
};

type OrWarn = <T>(what: string, read: Promise<T>, otherwise: T) => Promise<T>;

/** The attributes of each instance: from the record while it holds, else from AWS, four or five calls an instance. */
async function readAttributes(
  context: ServerContext,
  { backup, ec2, resources }: RegionResources,
  orWarn: OrWarn,
): Promise<Map<string, InstanceAttributes>> {
  const ids = resources.map(({ resourceId }) => resourceId);
  const kept = await findKeptAttributes(context, backup, ec2.region, ids);
  const found = new Map<string, InstanceAttributes>();
  const stale = resources.filter((resource) => {
    const record = kept.get(resource.resourceId);
    if (record === undefined || record.fingerprint !== fingerprintOf(resource)) return true;
    found.set(resource.resourceId, record.attributes);
    return false;
  });
  if (stale.length === 0) return found;
  const details = await orWarn('the instances', ec2.describeInstances(stale.map(({ resourceId }) => resourceId)), []);
  const byId = new Map(details.map((each) => [each.instanceId, each]));
  await Promise.all(
    stale.map(async (resource) => {
      const instance = byId.get(resource.resourceId);
      if (instance === undefined) return;
      const read = await orWarn(`attributes of ${resource.resourceId}`, ec2.readInstanceAttributes(instance), null);
      if (read === null) return;
      found.set(resource.resourceId, read);
      // What was refused is asked for again next time: somebody may have allowed it by then.
      if (read.unknown.length > 0) return;
      await keepAttributes(context, { backup, region: ec2.region, resource, instance, attributes: read });
    }),
  );
  return found;
}

/** User data changes only while an instance is stopped, so a new start makes a new fingerprint; a stopped one has none. */
function fingerprintOf({ configuration }: ResourceRow): string | null {
  if (configuration === null || configuration.state !== 'running') return null;
  return `${configuration.launchedAt} ${configuration.instanceType} ${configuration.image.imageId}`;
}

type Kept = { readonly fingerprint: string | null; readonly attributes: InstanceAttributes };

async function findKeptAttributes(
  { db, clock, secrets }: ServerContext,
  backup: BackupRow,
  region: string,
  ids: readonly string[],
): Promise<Map<string, Kept>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('instance_attributes')
    .select(['instance_id', 'fingerprint', 'sealed_attributes'])
    .where('account_id', '=', backup.accountId)
    .where('region', '=', region)
    .where('instance_id', 'in', ids)
    .where('read_at', '>', asTimestamp((clock.now() - ATTRIBUTES_HOLD_MS) as typeof backup.startedAt))
    .execute();
  return new Map(
    rows.map(({ instance_id: id, fingerprint, sealed_attributes: sealed }) => {
      const attributes = JSON.parse(secrets.open(sealed, attributesBinding(backup, region, id))) as InstanceAttributes;
      return [id, { fingerprint, attributes }];
    }),
  );
}

type ToKeep = {
  readonly backup: BackupRow;
  readonly region: string;
  readonly resource: ResourceRow;
  readonly instance: InstanceDetails;
  readonly attributes: InstanceAttributes;
};

async function keepAttributes({ db, clock, secrets }: ServerContext, keep: ToKeep): Promise<void> {
  const { backup, region, resource, attributes } = keep;
  const fingerprint = fingerprintOf(resource);
  if (fingerprint === null) return;
  const binding = attributesBinding(backup, region, resource.resourceId);
  const values = {
    fingerprint,
    sealed_attributes: secrets.seal(JSON.stringify(attributes), binding),
    read_at: asTimestamp(clock.now()),
  };
  await db
    .insertInto('instance_attributes')
    .values({ account_id: backup.accountId, region, instance_id: resource.resourceId, ...values })
    .onConflict((conflict) => conflict.columns(['account_id', 'region', 'instance_id']).doUpdateSet(values))
    .execute();
}

const attributesBinding = ({ accountId }: BackupRow, region: string, instanceId: string): string =>
  `instance_attributes/${accountId}/${region}/${instanceId}`;
