import { withSourceTags } from '../backup/snapshot-tags.ts';
import type { FieldError } from '../errors.ts';
import { databaseLosses, droppedTags, masterPasswordNote } from './database-losses.ts';
import type {
  DatabaseRequest,
  DatabaseSource,
  RedshiftRestorePlan,
  RedshiftClusterRecoveryChoice,
} from './database-recovery.ts';
import { chooseNetwork, chooseZone, nameErrors, parameterGroupErrors, portErrors } from './database-rules.ts';
import type { Planned } from './recoverable-volume.ts';
import { settingsOf } from './recorded-settings.ts';

const MOST_NODES = 128;

type Request = DatabaseRequest<RedshiftClusterRecoveryChoice>;

/** Plans a new Redshift cluster out of a snapshot (REC-8, REC-9): all logical errors at once, before anything is made. */
export function planRedshiftCluster(request: Request): Planned<RedshiftRestorePlan> {
  const { configuration, source, choice, offer } = request;
  const { text, flag, number, texts } = settingsOf(configuration);
  const clusterId = (choice.clusterId ?? source.sourceId).toLowerCase();
  const nodeType = choice.nodeType ?? configuration.instanceClass;
  const nodeCount = choice.nodeCount ?? configuration.nodeCount;
  const port = choice.port ?? configuration.port;
  const parameterGroup = choice.parameterGroup ?? configuration.parameterGroups[0] ?? null;
  const network = chooseNetwork(choice, configuration, offer);
  const zone = chooseZone({
    zone: choice.zone,
    isMultiAz: configuration.isMultiAz,
    recorded: configuration.zones[0] ?? null,
    group: network.value.group,
  });
  const errors: FieldError[] = [
    ...nameErrors('clusterId', clusterId, offer.clusterIds),
    ...portErrors(port, nodeType ?? ''),
    ...network.errors,
    ...zone.errors,
    ...parameterGroupErrors(parameterGroup, { engine: 'redshift', engineVersion: null }, offer),
    ...nodeTypeErrors(nodeType, configuration.instanceClass, source),
    ...nodeCountErrors(nodeCount),
  ];
  if (errors.length > 0) return { ok: false, errors };
  const { tags, dropped } = withSourceTags(request.ownTags, choice.preserveTags === false ? [] : configuration.tags);
  const { group: _, ...placed } = network.value;
  return {
    ok: true,
    plan: {
      ...placed,
      clusterId,
      awsSnapshotId: source.awsSnapshotId,
      nodeType,
      nodeCount,
      port,
      zone: zone.value,
      parameterGroup,
      publiclyAccessible: choice.isPubliclyAccessible ?? configuration.isPubliclyAccessible,
      enhancedVpcRouting: flag('enhancedVpcRouting'),
      zoneRelocation: flag('zoneRelocation') === true ? true : null,
      multiAz: configuration.isMultiAz ? true : null,
      kmsKeyId: configuration.kmsKeyId,
      iamRoleArns: texts('iamRoleArns'),
      defaultIamRoleArn: text('defaultIamRoleArn'),
      maintenanceWindow: text('maintenanceWindow'),
      maintenanceTrack: text('maintenanceTrack'),
      allowVersionUpgrade: flag('allowVersionUpgrade'),
      automatedRetentionDays: number('automatedRetentionDays'),
      snapshotSchedule: text('snapshotSchedule'),
      managesMasterPassword: text('masterSecretArn') !== null,
      tags,
    },
    warnings: [...databaseLosses(configuration), ...masterPasswordNote(configuration, true), ...droppedTags(dropped)],
  };
}

function nodeTypeErrors(
  nodeType: string | null,
  original: string | null,
  { restorableNodeTypes }: DatabaseSource,
): FieldError[] {
  const path = 'nodeType';
  if (nodeType === null || nodeType === original) return [];
  if (restorableNodeTypes.includes(nodeType)) return [];
  if (restorableNodeTypes.length > 0)
    return [{ path, message: `the snapshot can be restored to ${restorableNodeTypes.join(', ')} only` }];
  const family = (name: string | null) => name?.split('.')[0] ?? '';
  return family(nodeType) === family(original)
    ? []
    : [
        {
          path,
          message: `a snapshot of ${original} can be restored to node types of its family only, not to ${nodeType}`,
        },
      ];
}

const nodeCountErrors = (nodeCount: number | null): FieldError[] =>
  nodeCount === null || (Number.isInteger(nodeCount) && nodeCount >= 1 && nodeCount <= MOST_NODES)
    ? []
    : [{ path: 'nodeCount', message: `must be a whole number from 1 to ${MOST_NODES}` }];
