/** How long things take, in milliseconds of simulated time. */
export type Timing = {
  readonly snapshotBaseMs: number;
  readonly snapshotPerGiBMs: number;
  readonly copyBaseMs: number;
  readonly copyPerGiBMs: number;
  /** How long AWS needs to find out that a key cannot be used. */
  readonly keyCheckMs: number;
  readonly volumeCreateMs: number;
  readonly volumeDeleteMs: number;
  readonly volumeModifyMs: number;
  readonly attachMs: number;
  readonly detachMs: number;
  readonly instanceStartMs: number;
  readonly instanceStopMs: number;
  readonly instanceTerminateMs: number;
  readonly statusChecksMs: number;
  readonly terminatedVisibleMs: number;
  readonly databaseCreateMs: number;
  readonly databaseStopMs: number;
  readonly databaseStartMs: number;
  readonly databaseDeleteMs: number;
  readonly databaseSnapshotBaseMs: number;
  readonly databaseSnapshotPerGiBMs: number;
  readonly databaseSnapshotDeleteMs: number;
  readonly clusterPauseMs: number;
  /** From when a command that was sent is found, delivered, done where no plan says otherwise, and stopped once cancelled. */
  readonly commandVisibleMs: number;
  readonly commandDeliveryMs: number;
  readonly commandRunMs: number;
  readonly commandCancelMs: number;
};

export type Bucket = { readonly capacity: number; readonly refillPerSecond: number };

/** What an account may have or ask for. Every figure can be set; `throttling` and `quotas` switch whole families off. */
export type Limits = {
  readonly throttling: boolean;
  readonly quotas: boolean;
  /** Buckets by action name, alone or with its service (`rds:CreateDBSnapshot`), replacing those of the action's class. */
  readonly buckets: Readonly<Record<string, Bucket>>;
  readonly pendingSnapshotsPerVolume: number;
  readonly pendingSnapshotsPerColdVolume: number;
  readonly pendingSnapshotsPerAccount: number;
  readonly snapshotsPerRegion: number;
  /** Snapshots of one volume allowed within `snapshotRateWindowMs`. */
  readonly snapshotRatePerVolume: number;
  readonly snapshotRateWindowMs: number;
  readonly concurrentCopies: number;
  readonly volumesPerRegion: number;
  readonly vcpusPerRegion: number;
  readonly storageTiBPerType: number;
  readonly idsPerCall: number;
  readonly filterValues: number;
  readonly tagsPerResource: number;
  readonly manualDatabaseSnapshots: number;
  readonly manualClusterSnapshots: number;
  readonly manualRedshiftSnapshots: number;
  readonly databases: number;
  readonly databaseClusters: number;
};

export type Settings = {
  readonly timing: Timing;
  readonly limits: Limits;
  /** For how long a fresh id is unknown and a read may show the past. */
  readonly consistencyMs: number;
  /** Signatures older or newer than this are refused. */
  readonly clockSkewMs: number;
};

export const defaultSettings: Settings = {
  timing: {
    snapshotBaseMs: 5_000,
    snapshotPerGiBMs: 100,
    copyBaseMs: 8_000,
    copyPerGiBMs: 200,
    keyCheckMs: 3_000,
    volumeCreateMs: 1_000,
    volumeDeleteMs: 500,
    volumeModifyMs: 10_000,
    attachMs: 1_000,
    detachMs: 1_000,
    instanceStartMs: 4_000,
    instanceStopMs: 4_000,
    instanceTerminateMs: 4_000,
    statusChecksMs: 60_000,
    terminatedVisibleMs: 3_600_000,
    databaseCreateMs: 20_000,
    databaseStopMs: 10_000,
    databaseStartMs: 10_000,
    databaseDeleteMs: 10_000,
    databaseSnapshotBaseMs: 10_000,
    databaseSnapshotPerGiBMs: 100,
    databaseSnapshotDeleteMs: 1_000,
    clusterPauseMs: 10_000,
    commandVisibleMs: 200,
    commandDeliveryMs: 500,
    commandRunMs: 1_000,
    commandCancelMs: 1_000,
  },
  limits: {
    throttling: true,
    quotas: true,
    buckets: {},
    pendingSnapshotsPerVolume: 5,
    pendingSnapshotsPerColdVolume: 1,
    pendingSnapshotsPerAccount: 100,
    snapshotsPerRegion: 100_000,
    snapshotRatePerVolume: 5,
    snapshotRateWindowMs: 15_000,
    concurrentCopies: 20,
    volumesPerRegion: 20_000,
    vcpusPerRegion: 5_000,
    storageTiBPerType: 50,
    idsPerCall: 1_000,
    filterValues: 200,
    tagsPerResource: 50,
    manualDatabaseSnapshots: 100,
    manualClusterSnapshots: 100,
    manualRedshiftSnapshots: 20,
    databases: 40,
    databaseClusters: 40,
  },
  consistencyMs: 0,
  clockSkewMs: 900_000,
};

/** Settings with some figures replaced. */
export type SettingsChange = {
  readonly timing?: Partial<Timing> | undefined;
  readonly limits?: Partial<Limits> | 'on' | 'off' | undefined;
  readonly consistencyMs?: number | undefined;
};

const limitsAfter = (base: Limits, change: SettingsChange['limits']): Limits =>
  change === 'off' || change === 'on'
    ? { ...base, throttling: change === 'on', quotas: change === 'on' }
    : { ...base, ...change };

export const changeSettings = (base: Settings, change: SettingsChange): Settings => ({
  ...base,
  timing: { ...base.timing, ...change.timing },
  limits: limitsAfter(base.limits, change.limits),
  consistencyMs: change.consistencyMs ?? base.consistencyMs,
});

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checkFigure = (name: string, value: unknown, example: unknown): void => {
  const fits =
    typeof example === 'number'
      ? typeof value === 'number' && Number.isFinite(value) && value >= 0
      : typeof value === typeof example;
  if (!fits)
    throw new RangeError(`${name} must be ${typeof example === 'number' ? 'a number of 0 or more' : 'true or false'}`);
};

const checkBuckets = (buckets: unknown): void => {
  if (!isRecord(buckets)) throw new RangeError('buckets must be an object of buckets by action');
  for (const [action, bucket] of Object.entries(buckets)) {
    if (!isRecord(bucket)) throw new RangeError(`the bucket of ${action} must have capacity and refillPerSecond`);
    checkFigure(`capacity of ${action}`, bucket['capacity'], 0);
    checkFigure(`refillPerSecond of ${action}`, bucket['refillPerSecond'], 0);
  }
};

const checkGroup = (group: string, value: unknown, known: Readonly<Record<string, unknown>>): void => {
  if (!isRecord(value)) throw new RangeError(`${group} must be an object`);
  for (const [name, figure] of Object.entries(value)) {
    if (!Object.hasOwn(known, name))
      throw new RangeError(`${group} has no ${name}; it has ${Object.keys(known).join(', ')}`);
    if (name === 'buckets') checkBuckets(figure);
    else checkFigure(name, figure, known[name]);
  }
};

/** Settings as they are posted to `/_simulator/settings`. Throws a RangeError that says what is wrong. */
export const readSettingsChange = (wish: unknown): SettingsChange => {
  if (!isRecord(wish)) throw new RangeError('settings must be an object');
  for (const [name, value] of Object.entries(wish)) {
    if (name === 'timing') checkGroup(name, value, defaultSettings.timing);
    else if (name === 'consistencyMs') checkFigure(name, value, 0);
    else if (name !== 'limits')
      throw new RangeError(`settings have no ${name}; they have timing, limits and consistencyMs`);
    else if (value !== 'on' && value !== 'off') checkGroup(name, value, defaultSettings.limits);
  }
  return wish;
};
