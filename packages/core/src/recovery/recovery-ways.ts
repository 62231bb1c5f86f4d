import type { TargetKind } from '../policy/targets.ts';

export const RECOVERY_WAYS = ['instance', 'volumes', 'database', 'database-cluster', 'redshift-cluster'] as const;
/** How something can come back: an instance as itself or as its volumes alone, a database or cluster as itself. */
export type RecoveryWay = (typeof RECOVERY_WAYS)[number];

/** A way, and why it is not offered; or how it is gone where it is not the usual one. */
export type OfferedWay = { readonly way: RecoveryWay; readonly isOffered: boolean; readonly why: string | null };

/** What of a backed-up resource decides how it can come back. */
export type BackedUp = {
  readonly kind: TargetKind;
  /** Why nothing of its backup can be used any more; null while it can. */
  readonly backupObstacle: string | null;
  /** What the backup said of it where something of it was not taken. */
  readonly message: string | null;
  readonly isRecorded: boolean;
  /** No snapshot of it was asked for: its configuration is the backup. */
  readonly isConfigurationOnly: boolean;
  /** How an instance comes back where it is not launched from its root snapshot; null where it is. */
  readonly unusualLaunch: string | null;
  readonly snapshots: readonly { readonly isCompleted: boolean }[];
};

const WAYS: Readonly<Record<TargetKind, readonly RecoveryWay[]>> = {
  instance: ['instance', 'volumes'],
  volume: ['volumes'],
  database: ['database'],
  'database-cluster': ['database-cluster'],
  'redshift-cluster': ['redshift-cluster'],
};

/** Every way in which a backed-up resource could come back, the fullest first, offered or with the reason (REC-1). */
export function waysToRecover(backedUp: BackedUp): OfferedWay[] {
  return WAYS[backedUp.kind].map((way) => {
    const why = backedUp.backupObstacle ?? OBSTACLES[way](backedUp);
    if (why !== null) return { way, isOffered: false, why };
    return { way, isOffered: true, why: REMARKS[way]?.(backedUp) ?? null };
  });
}

type Tell = (backedUp: BackedUp) => string | null;

const NOT_RECORDED = 'its configuration was not recorded';

const OBSTACLES: Readonly<Record<RecoveryWay, Tell>> = {
  instance: instanceObstacle,
  volumes: noSnapshot,
  database: databaseObstacle,
  'database-cluster': databaseObstacle,
  'redshift-cluster': databaseObstacle,
};

/** What a person should know of a way that is open. */
const REMARKS: Readonly<Partial<Record<RecoveryWay, Tell>>> = {
  instance: ({ unusualLaunch, snapshots }) => unusualLaunch ?? incomplete(snapshots),
  volumes: ({ snapshots }) => incomplete(snapshots),
};

function instanceObstacle(backedUp: BackedUp): string | null {
  if (!backedUp.isRecorded) return NOT_RECORDED;
  return backedUp.isConfigurationOnly ? null : noSnapshot(backedUp);
}

function databaseObstacle(backedUp: BackedUp): string | null {
  return noSnapshot(backedUp) ?? (backedUp.isRecorded ? null : NOT_RECORDED);
}

/** Why nothing that was on it comes back; null where something does. */
export function noSnapshot({ snapshots, message }: Pick<BackedUp, 'snapshots' | 'message'>): string | null {
  if (snapshots.some(({ isCompleted }) => isCompleted)) return null;
  const because = message === null || message === '' ? '' : `: ${message}`;
  return `there is no completed snapshot of it in this backup${because}`;
}

function incomplete(snapshots: BackedUp['snapshots']): string | null {
  const completed = snapshots.filter(({ isCompleted }) => isCompleted).length;
  return completed === snapshots.length ? null : `${completed} of its ${snapshots.length} snapshots have completed`;
}
