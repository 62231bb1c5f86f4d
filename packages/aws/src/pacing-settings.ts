/** A token bucket: so many calls at once, then so many a second. */
export type Bucket = { readonly capacity: number; readonly refillPerSecond: number };

type ActionClass = 'read' | 'write' | 'snapshotWrite' | 'tagWrite' | 'launch' | 'imageCopy';

export type PacingSettings = {
  readonly classes: Readonly<Record<ActionClass, Bucket>>;
  /** Buckets of single actions, such as `CreateSnapshots`; they go before the class's. */
  readonly actions: Readonly<Record<string, Bucket>>;
  /** A second bucket, of one token for each instance, where AWS has one. */
  readonly perInstance: Readonly<Record<string, Bucket>>;
  /**
   * How much of the bucket stays unused, in seconds of refill: AWS counts a call when it arrives and refills once a
   * second, so a bucket used to the last token would be refused now and then.
   */
  readonly headroomSeconds: number;
};

/** EC2 Developer Guide, "Request throttling for the Amazon EC2 API": bucket sizes and refill rates. */
export const DEFAULT_PACING: PacingSettings = {
  classes: {
    read: { capacity: 100, refillPerSecond: 20 },
    write: { capacity: 50, refillPerSecond: 5 },
    snapshotWrite: { capacity: 100, refillPerSecond: 5 },
    tagWrite: { capacity: 100, refillPerSecond: 10 },
    launch: { capacity: 5, refillPerSecond: 2 },
    imageCopy: { capacity: 100, refillPerSecond: 1 },
  },
  actions: {},
  perInstance: {
    RunInstances: { capacity: 1000, refillPerSecond: 2 },
    StartInstances: { capacity: 1000, refillPerSecond: 2 },
    StopInstances: { capacity: 1000, refillPerSecond: 20 },
    TerminateInstances: { capacity: 1000, refillPerSecond: 20 },
  },
  headroomSeconds: 0.9,
};

const CLASS_OF: ReadonlyMap<string, ActionClass> = new Map<string, ActionClass>([
  ...[
    'CreateSnapshot',
    'CreateSnapshots',
    'DeleteSnapshot',
    'ModifySnapshotAttribute',
    'CreateVolume',
    'DeleteVolume',
    'DeregisterImage',
    'ModifyImageAttribute',
    'TerminateInstances',
    'AssociateIamInstanceProfile',
  ].map((action) => [action, 'snapshotWrite'] as const),
  ['CreateTags', 'tagWrite'],
  ['DeleteTags', 'tagWrite'],
  ['RunInstances', 'launch'],
  ['StartInstances', 'launch'],
  ['CopyImage', 'imageCopy'],
]);

/** The class whose bucket the action draws on; whatever is not named and does not read counts as a plain write. */
function classOf(action: string): ActionClass {
  return CLASS_OF.get(action) ?? (/^(?:Describe|Get|List|AssumeRole)/.test(action) ? 'read' : 'write');
}

/** The bucket of one action's requests, headroom taken off (one token always stays). */
export function requestBucket(settings: PacingSettings, action: string): Bucket {
  return withHeadroom(settings, settings.actions[action] ?? settings.classes[classOf(action)]);
}

/** The bucket of one action's instances, where AWS has one. */
export function instanceBucket(settings: PacingSettings, action: string): Bucket | null {
  const bucket = settings.perInstance[action];
  return bucket === undefined ? null : withHeadroom(settings, bucket);
}

function withHeadroom({ headroomSeconds }: PacingSettings, { capacity, refillPerSecond }: Bucket): Bucket {
  return { capacity: Math.max(1, capacity - headroomSeconds * refillPerSecond), refillPerSecond };
}
