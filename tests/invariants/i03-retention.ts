import { isSnapshot, type BackupRecord, type Seen, type Truth } from './truth.ts';

/** From when on a policy keeps how many generations, by AWS's time (epoch ms). */
export type KeptFrom = { readonly policyId: string; readonly from: number; readonly generations: number };

/** A server's clock may differ from AWS's by this: where only the server knows the time, the doubt is on its side. */
const DOUBT_MS = 12 * 3_600_000;

/**
 * I3: at no deletion fewer good generations were left than the policy keeps, at the end there are neither fewer nor more,
 * and nothing was touched that is frozen or not this installation's. Where `history` says nothing, a policy has always
 * kept what it keeps now.
 */
export function findRetentionFaults(truth: Truth, history: readonly KeptFrom[] = []): string[] {
  return [...findTouched(truth), ...findGivenAway(truth, history), ...findWrongNumbers(truth, history)];
}

function findTouched({ everything, backups, installation, keys, objects }: Truth): string[] {
  // A volume that a person had a recovery switch and delete; whether it might go I8 says.
  const switched = new Set(objects.flatMap(({ role, awsId }) => (role === 'replaced' ? [awsId ?? ''] : [])));
  const byId = new Map<string, BackupRecord>(backups.map((backup) => [backup.id, backup]));
  return everything
    .filter((thing) => wasDeletedBy(keys, thing))
    .flatMap((thing) => {
      const { id, type, tags } = thing;
      if (type === 'volume' && switched.has(id)) return [];
      if (tags['cpm:installation'] !== installation) return [`I3: CPM deleted the ${type} ${id}, which is not its own`];
      const backup = byId.get(tags['cpm:backup'] ?? '');
      return isSnapshot(thing) && backup !== undefined && backup.frozen_at !== null
        ? [`I3: CPM deleted ${id} of the frozen backup ${backup.id}`]
        : [];
    });
}

const wasDeletedBy = (keys: ReadonlySet<string>, { deletedBy }: Seen): boolean =>
  deletedBy !== undefined && keys.has(deletedBy.accessKey) && deletedBy.action.startsWith('Delete');

/** A generation as AWS saw it: good from the completion of its last snapshot until the first of them is deleted. */
type Life = {
  readonly backup: BackupRecord;
  readonly goodFrom: number;
  readonly goodUntil: number;
  /** From then on it fills no place (RET-1). */
  readonly frozenFrom: number;
  readonly byCpm: boolean;
};

function findGivenAway(truth: Truth, history: readonly KeptFrom[]): string[] {
  const { policies, backups } = truth;
  const byBackup = Map.groupBy(truth.everything.filter(isSnapshot), ({ tags }) => tags['cpm:backup'] ?? '');
  return policies
    .filter(({ removed_at: removedAt }) => removedAt === null)
    .flatMap(({ id, generations }) => {
      const counted = backups.filter((each) => each.policy_id === id && each.is_generation);
      const lives = counted.map((backup) => lifeOf(truth, backup, byBackup.get(backup.id) ?? []));
      const settings = history.filter(({ policyId }) => policyId === id);
      return lives
        .filter(({ byCpm }) => byCpm)
        .flatMap(({ backup, goodUntil: at }) => {
          const inForce = settings.filter(({ from }) => from <= at).map((each) => each.generations);
          const kept = inForce.length === 0 ? generations : Math.min(...inForce);
          const left = lives.filter(
            (other) =>
              other.backup.id !== backup.id && other.goodFrom <= at && other.goodUntil > at && other.frozenFrom > at,
          );
          return left.length >= kept
            ? []
            : [`I3: the backup ${backup.id} was deleted when ${left.length} other generations were left of ${kept}`];
        });
    });
}

function lifeOf({ records, keys }: Truth, backup: BackupRecord, made: readonly Seen[]): Life {
  const ids = new Set(
    records.filter(({ backupId }) => backupId === backup.id).map(({ awsSnapshotId }) => awsSnapshotId),
  );
  const own = made.filter(({ id }) => ids.has(id));
  const ends = own.filter(({ deletedAt }) => deletedAt !== undefined);
  const frozenFrom = (backup.frozen_at ?? Infinity) + DOUBT_MS;
  if (own.length === 0) {
    const until = backup.deleted_at === null ? Infinity : backup.deleted_at + DOUBT_MS;
    return { backup, goodFrom: (backup.ended_at ?? Infinity) - DOUBT_MS, goodUntil: until, frozenFrom, byCpm: false };
  }
  return {
    backup,
    frozenFrom,
    goodFrom: Math.max(...own.map(({ completesAt, createdAt }) => Date.parse(completesAt ?? createdAt))),
    goodUntil: Math.min(Infinity, ...ends.map(({ deletedAt }) => Date.parse(deletedAt ?? ''))),
    byCpm: ends.some((thing) => wasDeletedBy(keys, thing)),
  };
}

/** Backups marked for deletion whose snapshots an image that a recovery left holds: AWS deletes none of these (RET-5). */
function heldByImages({ backups, recoveries, objects, ours }: Truth): ReadonlySet<string> {
  const images = new Set(ours.filter(({ type }) => type === 'image').map(({ id }) => id));
  const left = new Set(
    objects
      .filter(({ awsId, state }) => state === 'kept' && images.has(awsId ?? ''))
      .map(({ recoveryId }) => recoveryId),
  );
  const held = new Set(recoveries.filter(({ id }) => left.has(id)).map(({ backupId }): string | null => backupId));
  return new Set(backups.filter((each) => held.has(each.id) && each.deletion_marked_at !== null).map(({ id }) => id));
}

function findWrongNumbers(truth: Truth, history: readonly KeptFrom[]): string[] {
  const { policies, backups } = truth;
  const held = heldByImages(truth);
  return policies
    .filter(({ removed_at: removedAt }) => removedAt === null)
    .flatMap(({ id, generations }) => {
      const made = backups.filter((each) => each.policy_id === id && each.is_generation);
      // One that was frozen after others had gone leaves a gap that nothing can fill again.
      const left = made.filter(({ deleted_at: at, recoverable }) => at === null && recoverable);
      const kept = left.filter(({ id: backupId, frozen_at: at }) => at === null && !held.has(backupId));
      const least = Math.min(
        generations,
        ...history.filter(({ policyId }) => policyId === id).map((each) => each.generations),
      );
      const isRight = left.length >= Math.min(made.length, least) && kept.length <= Math.max(generations, 1);
      return isRight
        ? []
        : [`I3: ${left.length} of ${Math.min(made.length, generations)} generations are left of the policy ${id}`];
    });
}
