import { awsCodeOf } from '@cpm/aws/port';
import {
  addMs,
  foreignBecause,
  isCpmError,
  isUnexpectedObstacle,
  isWorthRetrying,
  OBSTACLE_TEXT,
  obstacleOfCode,
  SECOND_LOOK_MS,
  type AccountId,
  type BackupId,
  type CpmError,
  type DeletionObstacle,
  type Instant,
  type PolicyId,
  type UserId,
} from '@cpm/core';
import type { Transaction } from 'kysely';
import { closeAlert, raiseAlert } from '../alerts/alerts.store.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, appendLogOnce, info, warning } from '../logs/log-lines.store.ts';
import {
  claimDeletions,
  closeDeletedBackups,
  findObstacles,
  findSnapshotsToDelete,
  nextDeletionAt,
  recordAnswers,
  type Answer,
  type Marked,
  type SnapshotToDelete,
} from './deletions.store.ts';
import { snapshotDoor, type OwnSnapshot, type SnapshotDoor } from './snapshot-door.ts';

/** A snapshot that AWS will not delete now (in use by an image, locked) is tried again so much later, not before (F14). */
const REFUSED_AGAIN_MS = 6 * 3600_000;
const PASSING_AGAIN_MS = 60_000;
const AT_ONCE = 100;

/** Whose deletions they are, for logs and alerts. */
export type DeletionScope = {
  readonly marked: Marked;
  readonly ownerId: UserId;
  readonly accountId: AccountId | null;
  readonly policyId: PolicyId | null;
  /** "the policy nightly", "the frozen backup before the upgrade". */
  readonly of: string;
};

/**
 * Deletes in AWS what is marked and due, writes down each answer, and closes the backups of which nothing is left (F15).
 * Before anything is deleted its own tags are read: they must name this installation and the backup. Answers when to come
 * back for what is kept; null when nothing is left.
 */
export async function deleteMarked(
  context: ServerContext,
  job: JobContext<Database>,
  scope: DeletionScope,
): Promise<Instant | null> {
  const { db, clock } = context;
  const { marked } = scope;
  const due = (await findSnapshotsToDelete(db, marked)).filter(
    ({ nextDeletionAt: at }) => at === null || at <= clock.now(),
  );
  const places = Map.groupBy(due, ({ accountId, region, service }) => `${accountId} ${region} ${service}`);
  for (const place of places.values()) await deleteInPlace(context, job, place);
  await job.transaction(async (tx) => {
    const now = clock.now();
    for (const id of await closeDeletedBackups(tx, marked, now)) {
      await appendLog(tx, id, now, [info('its snapshots are deleted')]);
    }
    await tellObstacles(tx, scope, now);
  });
  return nextDeletionAt(await findSnapshotsToDelete(db, marked), clock.now());
}

/** Deletes snapshots of one account, region and service. */
async function deleteInPlace(
  context: ServerContext,
  job: JobContext<Database>,
  due: readonly SnapshotToDelete[],
): Promise<void> {
  const { clock } = context;
  for (let first = 0; first < due.length; first += AT_ONCE) {
    const batch = await job.transaction((tx) => claimDeletions(tx, due.slice(first, first + AT_ONCE), clock.now()));
    const [one] = batch;
    if (one === undefined) continue;
    const door = snapshotDoor(context, one);
    const seen = await lookAt(door, batch);
    const answers = await Promise.all(batch.map((snapshot) => deleteOne(context, door, { snapshot, seen })));
    await job.transaction((tx) => saveAnswers(tx, { answers, batch, now: clock.now() }));
  }
}

type Seen = ReadonlyMap<string, OwnSnapshot> | { readonly failure: CpmError };

async function lookAt(door: SnapshotDoor, batch: readonly SnapshotToDelete[]): Promise<Seen> {
  try {
    const shown = await door.describe(batch.map(({ awsSnapshotId }) => awsSnapshotId));
    return new Map(shown.map((snapshot) => [snapshot.awsSnapshotId, snapshot]));
  } catch (error) {
    return { failure: passOn(error) };
  }
}

/** AWS's no, as it came; anything else is not this snapshot's matter. */
function passOn(error: unknown): CpmError {
  if (!isCpmError(error) || error.code === 'shutting_down') throw error;
  return error;
}

type ToDelete = { readonly snapshot: SnapshotToDelete; readonly seen: Seen };

async function deleteOne(
  { clock, installationId }: ServerContext,
  door: SnapshotDoor,
  { snapshot, seen }: ToDelete,
): Promise<Answer> {
  const { id, awsSnapshotId, backupId, absentSince } = snapshot;
  const now = clock.now();
  if ('failure' in seen) return refused(snapshot, seen.failure, now);
  const shown = seen.get(awsSnapshotId);
  if (shown === undefined) return notShown(snapshot, now);
  const foreign = foreignBecause(shown.tags, { installationId, backupId });
  if (foreign !== null) return kept(snapshot, { obstacle: 'foreign', message: foreign }, addMs(now, REFUSED_AGAIN_MS));
  if (shown.isGoing) return going(snapshot, now);
  try {
    const answer = await door.remove(awsSnapshotId);
    return answer === 'deleted' ? { id, ended: 'deleted' } : notShown({ ...snapshot, absentSince }, now);
  } catch (error) {
    const refusal = passOn(error);
    // A deletion whose answer was lost is refused when it is repeated.
    const isGoing = refusal.class === 'conflict' && (await isGoingNow(door, snapshot));
    return isGoing ? going(snapshot, clock.now()) : refused(snapshot, refusal, clock.now());
  }
}

async function isGoingNow(door: SnapshotDoor, snapshot: SnapshotToDelete): Promise<boolean> {
  const seen = await lookAt(door, [snapshot]);
  return !('failure' in seen) && seen.get(snapshot.awsSnapshotId)?.isGoing === true;
}

/** On its way out of AWS: looked at again until it is not shown any more. */
const going = ({ id }: SnapshotToDelete, now: Instant): Answer => ({
  id,
  ended: null,
  kept: null,
  absentSince: null,
  tryAgainAt: addMs(now, SECOND_LOOK_MS),
});

/** Not there at two looks minutes apart is gone; once is not (F6, F14). */
function notShown({ id, absentSince }: SnapshotToDelete, now: Instant): Answer {
  const since = absentSince ?? now;
  if (now - since >= SECOND_LOOK_MS) return { id, ended: 'gone' };
  return { id, ended: null, kept: null, absentSince: since, tryAgainAt: addMs(since, SECOND_LOOK_MS) };
}

function refused(snapshot: SnapshotToDelete, error: CpmError, now: Instant): Answer {
  const obstacle = obstacleOf(error);
  const message = describeError(error);
  return kept(
    snapshot,
    { obstacle, message },
    addMs(now, obstacle === 'passing' ? PASSING_AGAIN_MS : REFUSED_AGAIN_MS),
  );
}

function obstacleOf(error: CpmError): DeletionObstacle {
  const named = obstacleOfCode(awsCodeOf(error) ?? '');
  if (named !== null) return named;
  if (isWorthRetrying(error)) return 'passing';
  return error.class === 'denied' ? 'denied' : 'refused';
}

function kept(
  { id }: SnapshotToDelete,
  { obstacle, message }: { readonly obstacle: DeletionObstacle; readonly message: string },
  tryAgainAt: Instant,
): Answer {
  const text = `kept for now: ${OBSTACLE_TEXT[obstacle]}. ${message}`;
  return { id, ended: null, kept: { obstacle, message: text }, absentSince: null, tryAgainAt };
}

type Answers = {
  readonly answers: readonly Answer[];
  readonly batch: readonly SnapshotToDelete[];
  readonly now: Instant;
};

async function saveAnswers(tx: Transaction<Database>, { answers, batch, now }: Answers): Promise<void> {
  await recordAnswers(tx, answers, now);
  const byId = new Map(batch.map((snapshot) => [snapshot.id, snapshot]));
  for (const answer of answers) {
    const snapshot = byId.get(answer.id);
    if (answer.ended !== null || answer.kept === null || snapshot === undefined) continue;
    await appendLogOnce(
      tx,
      snapshot.backupId,
      now,
      warning(`${snapshot.awsSnapshotId} is not deleted: ${answer.kept.message}`),
    );
  }
}

const NAMED_IN_ALERT = 5;

/** One alert for all that cannot be deleted though nobody meant it to stay; it closes when that is over. */
async function tellObstacles(tx: Transaction<Database>, scope: DeletionScope, at: Instant): Promise<void> {
  const { marked, ownerId, accountId, policyId, of } = scope;
  const subject: PolicyId | BackupId = 'policyId' in marked ? marked.policyId : marked.backupId;
  const key = { ownerId, category: 'retention' as const, subject };
  const troubles = (await findObstacles(tx, marked)).filter(({ obstacle }) => isUnexpectedObstacle(obstacle));
  if (troubles.length === 0) return closeAlert(tx, { ...key, at });
  const named = troubles.slice(0, NAMED_IN_ALERT).map(({ awsSnapshotId, message }) => `${awsSnapshotId}: ${message}`);
  const others = troubles.length - named.length;
  const count = troubles.length === 1 ? '1 snapshot' : `${troubles.length} snapshots`;
  await raiseAlert(tx, {
    ...key,
    policyId,
    accountId,
    backupId: 'backupId' in marked ? marked.backupId : null,
    severity: 'warning',
    title: `${count} of ${of} cannot be deleted`,
    message: [...named, ...(others > 0 ? [`and ${others} more`] : [])].join('\n'),
    at,
  });
}
