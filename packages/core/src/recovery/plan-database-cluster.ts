import { withSourceTags } from '../backup/snapshot-tags.ts';
import type { FieldError } from '../errors.ts';
import type { DatabaseConfiguration } from './database-configuration.ts';
import { databaseLosses, droppedTags, masterPasswordNote } from './database-losses.ts';
import type {
  Chosen,
  ClusterMemberPlan,
  DatabaseClusterRestorePlan,
  DatabaseClusterRecoveryChoice,
  DatabaseRequest,
} from './database-recovery.ts';
import { chooseNetwork, nameErrors, optionGroupErrors, parameterGroupErrors, portErrors } from './database-rules.ts';
import { classErrors, quotaErrors } from './plan-database.ts';
import type { Planned } from './recoverable-volume.ts';
import { settingsOf } from './recorded-settings.ts';

const isAurora = (engine: string): boolean => engine.startsWith('aurora');

/** The writer and two readers that AWS makes of a Multi-AZ DB cluster. */
const MEMBERS_OF_MULTI_AZ = 3;

type Request = DatabaseRequest<DatabaseClusterRecoveryChoice>;

/** Plans a new cluster with its members out of a snapshot (REC-8, REC-9): all logical errors at once, before anything is made. */
export function planDatabaseCluster(request: Request): Planned<DatabaseClusterRestorePlan> {
  const { configuration, source, choice, offer } = request;
  const engine = { engine: source.engine || configuration.engine, engineVersion: source.engineVersion };
  const clusterId = (choice.clusterId ?? source.sourceId).toLowerCase();
  const network = chooseNetwork(choice, configuration, offer);
  const members = chooseMembers(request, clusterId);
  const port = choice.port ?? configuration.port;
  const parameterGroup = choice.parameterGroup ?? configuration.parameterGroups[0] ?? null;
  const aurora = isAurora(engine.engine);
  const made = aurora ? members.value.length : MEMBERS_OF_MULTI_AZ;
  const errors: FieldError[] = [
    ...nameErrors('clusterId', clusterId, offer.clusterIds),
    ...members.errors,
    ...portErrors(port),
    ...network.errors,
    ...parameterGroupErrors(parameterGroup, engine, offer),
    ...optionGroupErrors(configuration.optionGroup, engine, offer),
    ...quotaErrors({ ...offer.quotas, storageGiB: null }, 0, made),
    ...clusterQuotaErrors(offer.quotas.databaseClusters),
  ];
  if (errors.length > 0) return { ok: false, errors };
  const { tags, dropped } = withSourceTags(request.ownTags, choice.preserveTags === false ? [] : configuration.tags);
  const { group: _, ...placed } = network.value;
  return {
    ok: true,
    plan: {
      ...asRecorded(configuration, aurora),
      ...placed,
      clusterId,
      awsSnapshotId: source.awsSnapshotId,
      engine: engine.engine,
      engineVersion: engine.engineVersion,
      port,
      parameterGroup,
      publiclyAccessible: choice.isPubliclyAccessible ?? configuration.isPubliclyAccessible,
      deletionProtection: choice.hasDeletionProtection ?? configuration.hasDeletionProtection,
      members: members.value,
      tags,
    },
    warnings: [
      ...(aurora && members.value.length === 0 ? ['nothing can connect to it until it has a member'] : []),
      ...(members.value.length > 0 ? ['parameter groups, tags and monitoring of its members are those of AWS'] : []),
      ...databaseLosses(configuration),
      ...masterPasswordNote(configuration, false),
      ...droppedTags(dropped),
    ],
  };
}

function asRecorded(configuration: DatabaseConfiguration, aurora: boolean) {
  const { text, flag, number, texts, fields } = settingsOf(configuration);
  const { minimum, maximum } = fields('serverlessScaling');
  const window = text('maintenanceWindow');
  const { storageType, optionGroup } = configuration;
  return {
    // Aurora's own storage is not named; what else there is has a price and is.
    storageType: storageType === 'aurora' ? null : storageType,
    iops: aurora ? null : configuration.iops,
    instanceClass: configuration.instanceClass,
    // Aurora knows default option groups only.
    optionGroup: aurora ? null : optionGroup,
    copyTagsToSnapshot: configuration.copiesTagsToSnapshots,
    iamAuthentication: flag('iamAuthentication'),
    networkType: text('networkType'),
    logExports: texts('logExports'),
    backupRetentionDays: number('backupRetentionDays'),
    backupWindow: text('backupWindow'),
    engineMode: text('engineMode'),
    zones: [],
    backtrackWindowSeconds: number('backtrackWindowSeconds') || null,
    serverlessScaling:
      typeof minimum === 'number' && typeof maximum === 'number' && text('engineMode') !== 'serverless'
        ? { minimum, maximum }
        : null,
    change: window === null ? {} : { maintenanceWindow: window },
  };
}

/** The members to be, writer first: those asked for, or one for each of the original's, named after the new cluster. */
function chooseMembers(request: Request, clusterId: string): Chosen<readonly ClusterMemberPlan[]> {
  const { configuration, choice, source, offer } = request;
  const asked = choice.members;
  if (!isAurora(source.engine || configuration.engine)) {
    const message = 'AWS makes the members of a Multi-AZ DB cluster itself';
    return { value: [], errors: asked === undefined || asked.length === 0 ? [] : [{ path: 'members', message }] };
  }
  const originals = configuration.members;
  const value = (
    asked ??
    originals.map((member, index) => ({
      databaseId: renamed(member.identifier, source.sourceId, { clusterId, index }),
    }))
  ).map(
    (
      member: { readonly databaseId: string; readonly instanceClass?: string | undefined },
      index,
    ): ClusterMemberPlan => {
      const like = originals[index] ?? originals[0];
      return {
        databaseId: member.databaseId.toLowerCase(),
        instanceClass: member.instanceClass ?? (like?.instanceClass || 'db.r6g.large'),
        promotionTier: originals[index]?.promotionTier ?? null,
      };
    },
  );
  const errors = value.flatMap(({ databaseId, instanceClass }, index) => {
    const path = asked === undefined ? 'members' : `members.${index}`;
    const named = asked === undefined ? path : `${path}.databaseId`;
    const isRepeated = value.findIndex((each) => each.databaseId === databaseId) < index;
    return [
      ...nameErrors(named, databaseId, offer.databaseIds),
      ...(isRepeated ? [{ path: named, message: `${databaseId} is named twice` }] : []),
      ...classErrors(
        instanceClass,
        offer,
        { zone: null, isMultiAz: false, storageType: null },
        asked === undefined ? path : `${path}.instanceClass`,
      ),
    ];
  });
  return { value, errors };
}

type NewName = { readonly clusterId: string; readonly index: number };

function renamed(member: string, cluster: string, { clusterId, index }: NewName): string {
  if (clusterId === cluster.toLowerCase()) return member;
  return member.startsWith(`${cluster}-`) ? clusterId + member.slice(cluster.length) : `${clusterId}-${index + 1}`;
}

function clusterQuotaErrors(clusters: { readonly used: number; readonly max: number } | null): FieldError[] {
  if (clusters === null || clusters.used < clusters.max) return [];
  return [
    { path: 'quota', message: `the account has ${clusters.used} of ${clusters.max} database clusters in this region` },
  ];
}
