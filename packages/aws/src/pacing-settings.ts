/** A token bucket: so many calls at once, then so many a second. */
export type Bucket = { readonly capacity: number; readonly refillPerSecond: number };

type ActionClass = 'read' | 'write' | 'snapshotWrite' | 'tagWrite' | 'launch' | 'imageCopy';

/** Services whose calls of one kind share one bucket, because AWS documents none of them. */
type SharedService = 'iam' | 'kms' | 'rds' | 'redshift' | 'servicequotas' | 'ssm';
type SharedBuckets = { readonly read: Bucket; readonly write: Bucket };

export type PacingSettings = {
  /** EC2's, one bucket for each action of the class; STS is counted like EC2. */
  readonly classes: Readonly<Record<ActionClass, Bucket>>;
  /** One bucket for all reads and one for all writes of the service. */
  readonly services: Readonly<Record<SharedService, SharedBuckets>>;
  /** Buckets of single actions, such as `CreateSnapshots`; they go before the class's and the service's. */
  readonly actions: Readonly<Record<string, Bucket>>;
  /** A second bucket, of one token for each instance, where AWS has one. */
  readonly perInstance: Readonly<Record<string, Bucket>>;
  /**
   * How much of the bucket stays unused, in seconds of refill: AWS counts a call when it arrives and refills once a
   * second, so a bucket used to the last token would be refused now and then.
   */
  readonly headroomSeconds: number;
};

/**
 * EC2 Developer Guide, "Request throttling for the Amazon EC2 API": bucket sizes and refill rates. For the other
 * services AWS tells no figures, only that other tools in the account count too; these are a cautious guess: few calls
 * are needed there (one per snapshot, a hundred rows a page), and a refused one blocks the bucket for a while.
 */
export const DEFAULT_PACING: PacingSettings = {
  classes: {
    read: { capacity: 100, refillPerSecond: 20 },
    write: { capacity: 50, refillPerSecond: 5 },
    snapshotWrite: { capacity: 100, refillPerSecond: 5 },
    tagWrite: { capacity: 100, refillPerSecond: 10 },
    launch: { capacity: 5, refillPerSecond: 2 },
    imageCopy: { capacity: 100, refillPerSecond: 1 },
  },
  services: {
    iam: { read: { capacity: 20, refillPerSecond: 5 }, write: { capacity: 10, refillPerSecond: 1 } },
    kms: { read: { capacity: 50, refillPerSecond: 20 }, write: { capacity: 10, refillPerSecond: 5 } },
    servicequotas: { read: { capacity: 20, refillPerSecond: 5 }, write: { capacity: 10, refillPerSecond: 1 } },
    rds: { read: { capacity: 30, refillPerSecond: 5 }, write: { capacity: 20, refillPerSecond: 2 } },
    redshift: { read: { capacity: 20, refillPerSecond: 2 }, write: { capacity: 10, refillPerSecond: 1 } },
    ssm: { read: { capacity: 20, refillPerSecond: 5 }, write: { capacity: 10, refillPerSecond: 2 } },
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
  return CLASS_OF.get(action) ?? (isRead(action) ? 'read' : 'write');
}

function isRead(action: string): boolean {
  return /^(?:Describe|Get|List|AssumeRole|Simulate)/.test(action);
}

/** A limit on requests: calls whose limit has the same name draw on the same bucket. */
export type RequestLimit = { readonly name: string; readonly bucket: Bucket };

/** The limit that an action's requests count against, headroom taken off (one token always stays). */
export function requestLimit(settings: PacingSettings, service: string, action: string): RequestLimit {
  const own = settings.actions[action];
  if (own === undefined && isSharedService(settings, service)) {
    const kind = isRead(action) ? 'read' : 'write';
    return { name: `every ${kind}`, bucket: withHeadroom(settings, settings.services[service][kind]) };
  }
  return { name: action, bucket: withHeadroom(settings, own ?? settings.classes[classOf(action)]) };
}

function isSharedService({ services }: PacingSettings, service: string): service is SharedService {
  return Object.hasOwn(services, service);
}

/** The bucket of one action's instances, where AWS has one. */
export function instanceBucket(settings: PacingSettings, action: string): Bucket | null {
  const bucket = settings.perInstance[action];
  return bucket === undefined ? null : withHeadroom(settings, bucket);
}

function withHeadroom({ headroomSeconds }: PacingSettings, { capacity, refillPerSecond }: Bucket): Bucket {
  return { capacity: Math.max(1, capacity - headroomSeconds * refillPerSecond), refillPerSecond };
}
