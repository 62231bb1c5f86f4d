import { withSourceTags } from '../backup/snapshot-tags.ts';
import type { FieldError } from '../errors.ts';
import type { DatabaseConfiguration } from './database-configuration.ts';
import { databaseLosses, droppedTags, masterPasswordNote } from './database-losses.ts';
import type {
  DatabaseChangePlan,
  DatabaseOffer,
  DatabaseRestorePlan,
  DatabaseRecoveryChoice,
  DatabaseRequest,
  OfferedClass,
} from './database-recovery.ts';
import {
  chooseNetwork,
  chooseZone,
  nameErrors,
  optionGroupErrors,
  parameterGroupErrors,
  portErrors,
} from './database-rules.ts';
import { chooseStorage } from './database-storage.ts';
import type { Planned } from './recoverable-volume.ts';
import { settingsOf } from './recorded-settings.ts';

/** Plans a new database out of a snapshot (REC-8, REC-9): all logical errors at once, before anything is made. */
export function planDatabase(request: DatabaseRequest<DatabaseRecoveryChoice>): Planned<DatabaseRestorePlan> {
  const { configuration, source, choice, offer } = request;
  const { text } = settingsOf(configuration);
  const engine = { engine: source.engine || configuration.engine, engineVersion: source.engineVersion };
  const databaseId = (choice.databaseId ?? source.sourceId).toLowerCase();
  const isMultiAz = choice.isMultiAz ?? configuration.isMultiAz;
  const network = chooseNetwork(choice, configuration, offer);
  const zone = chooseZone({
    zone: choice.zone,
    isMultiAz,
    recorded: configuration.zones[0] ?? null,
    group: network.value.group,
  });
  const storage = chooseStorage(choice, configuration, source.sizeGiB);
  const port = choice.port ?? configuration.port;
  const parameterGroup = choice.parameterGroup ?? configuration.parameterGroups[0] ?? null;
  const optionGroup = choice.optionGroup ?? configuration.optionGroup;
  const instanceClass = choice.instanceClass ?? configuration.instanceClass;
  const errors: FieldError[] = [
    ...(text('customInstanceProfile') === null
      ? []
      : [{ path: '', message: 'it is of RDS Custom, which is restored in AWS only' }]),
    ...nameErrors('databaseId', databaseId, offer.databaseIds),
    ...portErrors(port),
    ...network.errors,
    ...zone.errors,
    ...multiAzErrors(isMultiAz, network.value.group),
    ...parameterGroupErrors(parameterGroup, engine, offer),
    ...optionGroupErrors(optionGroup, engine, offer),
    ...storage.errors,
    // What is wrong by itself is not compared with the class and the limits as well.
    ...classErrors(instanceClass, offer, {
      zone: zone.errors.length > 0 ? null : zone.value,
      isMultiAz,
      storageType: storage.errors.length > 0 ? null : storage.value.storageType,
    }),
    ...quotaErrors(offer.quotas, storage.errors.length > 0 ? 0 : (storage.value.sizeGiB ?? 0)),
  ];
  if (errors.length > 0) return { ok: false, errors };
  const { tags, dropped } = withSourceTags(request.ownTags, choice.preserveTags === false ? [] : configuration.tags);
  const recorded = configuration.zones[0];
  const isMoved = !isMultiAz && choice.zone === undefined && recorded !== undefined && zone.value === null;
  const { group: _, ...placed } = network.value;
  return {
    ok: true,
    plan: {
      ...asRecorded(configuration),
      ...placed,
      ...storage.value,
      databaseId,
      awsSnapshotId: source.awsSnapshotId,
      engine: engine.engine,
      instanceClass,
      port,
      zone: zone.value,
      multiAz: isMultiAz,
      parameterGroup,
      optionGroup,
      publiclyAccessible: choice.isPubliclyAccessible ?? configuration.isPubliclyAccessible,
      deletionProtection: choice.hasDeletionProtection ?? configuration.hasDeletionProtection,
      tags,
      change: changeOf(configuration, storage.value.sizeGiB),
    },
    warnings: [
      ...(isMoved ? [`its subnet group does not cover ${recorded}: AWS chooses the zone`] : []),
      ...databaseLosses(configuration),
      ...masterPasswordNote(configuration, true),
      ...droppedTags(dropped),
    ],
  };
}

/** What nobody is asked about: as the original had it. */
function asRecorded(configuration: DatabaseConfiguration) {
  const { text, flag, number, texts, fields } = settingsOf(configuration);
  const features = Object.entries(fields('processorFeatures')).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return {
    copyTagsToSnapshot: configuration.copiesTagsToSnapshots,
    iamAuthentication: flag('iamAuthentication'),
    networkType: text('networkType'),
    logExports: texts('logExports'),
    backupRetentionDays: number('backupRetentionDays'),
    backupWindow: text('backupWindow'),
    autoMinorVersionUpgrade: flag('autoMinorVersionUpgrade'),
    licenseModel: text('licenseModel'),
    certificateAuthority: text('certificateAuthority'),
    // Only said where it is on: most classes do not know the parameter.
    dedicatedLogVolume: flag('dedicatedLogVolume') === true ? true : null,
    processorFeatures: Object.fromEntries(features),
    managesMasterPassword: text('masterSecretArn') !== null,
  };
}

function changeOf(configuration: DatabaseConfiguration, sizeGiB: number | null): DatabaseChangePlan {
  const { text, number, flag } = settingsOf(configuration);
  const window = text('maintenanceWindow');
  const most = number('maxAllocatedGiB');
  const interval = number('monitoringIntervalSeconds');
  const roleArn = text('monitoringRoleArn');
  return {
    ...(window === null ? {} : { maintenanceWindow: window }),
    ...(most === null || most <= (sizeGiB ?? 0) ? {} : { maxAllocatedGiB: most }),
    ...(interval === null || interval === 0 || roleArn === null
      ? {}
      : { monitoring: { intervalSeconds: interval, roleArn } }),
    ...(flag('performanceInsights') === true
      ? {
          performanceInsights: {
            kmsKeyId: text('performanceInsightsKmsKeyId'),
            retentionDays: number('performanceInsightsRetentionDays'),
          },
        }
      : {}),
  };
}

function multiAzErrors(isMultiAz: boolean, group: { readonly name: string; readonly zones: readonly string[] } | null) {
  if (!isMultiAz || group === null || group.zones.length >= 2) return [];
  return [{ path: 'isMultiAz', message: `the subnet group ${group.name} covers one zone only; Multi-AZ needs two` }];
}

type Wanted = { readonly zone: string | null; readonly isMultiAz: boolean; readonly storageType: string | null };

/** Whether RDS sells the class for the engine: at all, with that storage, in that zone, in two zones. */
export function classErrors(
  instanceClass: string | null,
  { classes }: Pick<DatabaseOffer, 'classes'>,
  { zone, isMultiAz, storageType }: Wanted,
  path = 'instanceClass',
): FieldError[] {
  if (instanceClass === null) return [];
  if (!/^db\.[a-z0-9-]+\.[a-z0-9-]+$/.test(instanceClass) && instanceClass !== 'db.serverless')
    return [{ path, message: `${instanceClass} is no class of databases, such as db.m6g.large` }];
  const offers = Object.hasOwn(classes, instanceClass) ? classes[instanceClass] : undefined;
  if (offers === undefined) return [];
  if (offers.length === 0)
    return [{ path, message: `${instanceClass} is not offered in this region for this engine and version` }];
  const fitting = offers.filter(
    (each) => storageType === null || each.storageType === null || each.storageType === storageType,
  );
  if (fitting.length === 0)
    return [{ path: 'storageType', message: `${instanceClass} is not offered with ${storageType}` }];
  const errors: FieldError[] = [];
  const isThere = ({ zones }: OfferedClass) => zone === null || zones.length === 0 || zones.includes(zone);
  if (!fitting.some(isThere)) errors.push({ path: 'zone', message: `${instanceClass} is not offered in ${zone}` });
  if (isMultiAz && !fitting.some(({ canBeMultiAz }) => canBeMultiAz))
    errors.push({ path: 'isMultiAz', message: `${instanceClass} cannot be Multi-AZ` });
  return errors;
}

/** Whether the account's limits leave room. */
export function quotaErrors(
  { databases, storageGiB }: Pick<DatabaseOffer['quotas'], 'databases' | 'storageGiB'>,
  sizeGiB: number,
  count = 1,
): FieldError[] {
  const errors: FieldError[] = [];
  if (databases !== null && databases.used + count > databases.max)
    errors.push({
      path: 'quota',
      message: `the account has ${databases.used} of ${databases.max} databases in this region`,
    });
  if (storageGiB !== null && sizeGiB > 0 && storageGiB.used + sizeGiB > storageGiB.max)
    errors.push({
      path: 'quota',
      message: `the account uses ${storageGiB.used} of ${storageGiB.max} GiB for databases in this region`,
    });
  return errors;
}
