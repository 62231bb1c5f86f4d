import type { DrStatus } from '../backup/phase.ts';
import type { BackupId } from '../ids.ts';
import { DAY_MS } from '../time.ts';
import type { Instant } from '../time.ts';

/** What retention needs to know of one backup of a policy. */
export type RetentionBackup = {
  readonly id: BackupId;
  readonly createdAt: Instant;
  readonly isRunning: boolean;
  readonly isFrozen: boolean;
  /** A recovery is reading its snapshots now. */
  readonly isInRecovery: boolean;
  readonly isGeneration: boolean;
  /** It holds a completed snapshot, or the configuration record where no snapshot was asked for. */
  readonly isRecoverable: boolean;
  /** AWS is still making snapshots of it: an aborted one may yet become recoverable. */
  readonly isPending: boolean;
  readonly drStatus: DrStatus;
  /** An earlier decision marked it for deletion. */
  readonly isMarked: boolean;
};

/** `delete`: mark it and delete its snapshots and DR copies; `forget`: it holds nothing, its record goes. */
export type RetentionAction = 'keep' | 'delete' | 'forget';

export type RetentionDecision = {
  readonly id: BackupId;
  readonly action: RetentionAction;
  /** In plain words, for the log and the page of the backup. */
  readonly reason: string;
};

export type RetentionRule = {
  readonly generations: number;
  /** How long records of backups that hold nothing are kept at least, from their creation (RET-4). */
  readonly keepRecordDays: number;
  readonly now: Instant;
};

type Ranked = { readonly decisions: RetentionDecision[]; readonly oldestKept: RetentionBackup | null };

/**
 * What to keep and what to delete of one policy's backups, one decision each in the order given (RET-1, RET-2).
 * Deciding again after acting on the answer changes nothing. Never leaves less than the rule's good generations.
 */
export function decideRetention(backups: readonly RetentionBackup[], rule: RetentionRule): RetentionDecision[] {
  const counted = backups.filter(({ isRunning, isFrozen }) => !isRunning && !isFrozen);
  const recoverable = counted.filter(({ isRecoverable }) => isRecoverable).toSorted(newestFirst);
  const generations = recoverable.filter(({ isGeneration }) => isGeneration);
  const guarded = generations[0] ?? recoverable[0] ?? null;
  const stays = (backup: RetentionBackup): boolean => !backup.isMarked || guardReason(backup, guarded) !== null;

  const rankedGenerations = rankGenerations(generations.filter(stays), { rule, guarded });
  const others = recoverable.filter((backup) => !backup.isGeneration && stays(backup));
  const rankedOthers = rankOthers(others, { rule, guarded, oldestGeneration: rankedGenerations.oldestKept });

  const decided = new Map<BackupId, RetentionDecision>();
  for (const decision of [...rankedGenerations.decisions, ...rankedOthers]) decided.set(decision.id, decision);
  const oldestKept = recoverable.findLast(({ id }) => decided.get(id)?.action === 'keep') ?? null;
  return backups.map((backup) => decided.get(backup.id) ?? decideOther(backup, { rule, oldestKept }));
}

function rankGenerations(
  generations: readonly RetentionBackup[],
  { rule, guarded }: { readonly rule: RetentionRule; readonly guarded: RetentionBackup | null },
): Ranked {
  const decisions = generations.map((backup, index): RetentionDecision => {
    const rank = `generation ${index + 1} of ${rule.generations}`;
    if (index < rule.generations) return keep(backup, rank);
    const guard = guardReason(backup, guarded);
    if (guard !== null) return keep(backup, guard);
    return { id: backup.id, action: 'delete', reason: `older than ${describeNewest(rule.generations, 'generation')}` };
  });
  return { decisions, oldestKept: generations[rule.generations - 1] ?? null };
}

type OthersContext = {
  readonly rule: RetentionRule;
  readonly guarded: RetentionBackup | null;
  /** The oldest kept generation; null while there are fewer generations than the rule keeps. */
  readonly oldestGeneration: RetentionBackup | null;
};

/** Recoverable backups that are no generation: their own newest N, none older than the oldest kept generation. */
function rankOthers(others: readonly RetentionBackup[], context: OthersContext): RetentionDecision[] {
  const { rule, guarded, oldestGeneration } = context;
  return others.map((backup, index) => {
    const guard = guardReason(backup, guarded);
    const isOld = oldestGeneration !== null && backup.createdAt < oldestGeneration.createdAt;
    if (index < rule.generations && !isOld) {
      return keep(backup, `no generation, but recoverable: ${index + 1} of ${rule.generations}`);
    }
    if (guard !== null) return keep(backup, guard);
    const reason = isOld
      ? 'no generation, and older than the oldest generation that is kept'
      : `no generation, and older than ${describeNewest(rule.generations, 'such backup')}`;
    return { id: backup.id, action: 'delete', reason };
  });
}

/** Backups outside the ranking: running, frozen, marked before, or holding nothing. */
function decideOther(
  backup: RetentionBackup,
  { rule, oldestKept }: { readonly rule: RetentionRule; readonly oldestKept: RetentionBackup | null },
): RetentionDecision {
  if (backup.isRunning) return keep(backup, 'it is running');
  if (backup.isFrozen) return keep(backup, 'it is in the freezer');
  if (backup.isRecoverable) return { id: backup.id, action: 'delete', reason: 'marked for deletion before' };
  const guard = workGuardReason(backup);
  if (guard !== null) return keep(backup, guard);
  if (backup.isPending) return keep(backup, 'AWS is still making its snapshots');
  if (oldestKept === null) return keep(backup, 'a record; no backup that is kept is newer');
  if (backup.createdAt >= oldestKept.createdAt) return keep(backup, 'a record, not older than the oldest kept backup');
  if (rule.now - backup.createdAt < rule.keepRecordDays * DAY_MS) {
    return keep(backup, `a record, kept for ${rule.keepRecordDays} days`);
  }
  return { id: backup.id, action: 'forget', reason: 'it holds nothing and is older than the oldest kept backup' };
}

/** Why a backup must not be deleted whatever the numbers say; null when nothing forbids it. */
function guardReason(backup: RetentionBackup, guarded: RetentionBackup | null): string | null {
  if (backup.id === guarded?.id) {
    return backup.isGeneration
      ? 'the newest generation is never deleted'
      : 'the newest recoverable backup is never deleted';
  }
  return workGuardReason(backup);
}

/** Work that still needs the backup. */
function workGuardReason({ drStatus, isInRecovery }: RetentionBackup): string | null {
  if (isInRecovery) return 'a recovery is using it';
  if (drStatus === 'waiting') return 'its DR is waiting';
  return drStatus === 'running' ? 'its DR is running' : null;
}

function describeNewest(count: number, noun: string): string {
  return count === 1 ? `the newest ${noun}` : `the newest ${count} ${noun}s`;
}

function keep({ id }: RetentionBackup, reason: string): RetentionDecision {
  return { id, action: 'keep', reason };
}

/** Order of age; equal times are told apart by id, so that the answer never depends on the order given. */
function newestFirst(a: RetentionBackup, b: RetentionBackup): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  return a.id < b.id ? 1 : -1;
}
