import { randomUUID } from 'node:crypto';
import { awsCodeOf, isOutcomeUnknown, type Ec2Port, type Snapshot as AwsSnapshot, type Tags } from '@cpm/aws/port';
import {
  CPM_TAG_KEYS,
  addMs,
  isCpmError,
  isWorthRetrying,
  parseAttemptId,
  snapshotDescription,
  snapshotTags,
  type AttemptId,
  type Instant,
  type SnapshotLabels,
} from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { enqueueJob } from '../engine/jobs.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info, warning, type NewLogLine } from '../logs/log-lines.store.ts';
import type { BackupRow } from './backups.store.ts';
import { SETTLE_ATTEMPT, SETTLE_FIRST_LOOK_MS } from './settle-attempt.job.ts';
import { enqueuePoll } from './poll-snapshots.ts';
import {
  factsFromAws,
  findResources,
  findSnapshots,
  replaceAttempt,
  updateSnapshots,
  type ResourceRow,
  type SnapshotRow,
  type SnapshotUpdate,
} from './snapshots.store.ts';

/** AWS shows a fresh snapshot within seconds, at times minutes: so long an attempt is looked for before it counts as not made (F1). */
const SETTLE_MS = 150_000;
const LOOK_AGAIN_MS = 5_000;
/** AWS asks for 15 s between snapshots of one volume (F4); also the pause after a passing fault. */
const TRY_AGAIN_MS = 15_000;
/** A backup that could not start a snapshot by then says so: it is no longer the backup of its hour. */
const START_WINDOW_MS = 15 * 60_000;
/** Limits that pass by themselves; nothing was made. EC2 API Reference, "Error codes". */
const PASSING_LIMITS = new Set([
  'SnapshotCreationPerVolumeRateExceeded',
  'ConcurrentSnapshotLimitExceeded',
  'PendingSnapshotLimitExceeded',
]);

/** What became of one call; recorded as the result of its step. */
type Sent =
  | { readonly sent: 'accepted'; readonly at: Instant; readonly snapshots: readonly AwsSnapshot[] }
  | { readonly sent: 'refused'; readonly reason: string }
  /** Certain to have made nothing, and worth another attempt. */
  | { readonly sent: 'later'; readonly reason: string; readonly at: Instant }
  /** The answer is lost: it may have made snapshots. */
  | { readonly sent: 'unknown'; readonly at: Instant };

type Job = JobContext<Database>;
type Attempt = { readonly id: AttemptId; readonly resource: ResourceRow; readonly rows: readonly SnapshotRow[] };
type Outcome = { readonly updates: SnapshotUpdate[]; readonly log: NewLogLine[]; readonly lookAt: Instant | null };

/**
 * Starts the intended snapshots of one region, all calls at once. Each attempt is sent at most once: after a crash or a lost
 * answer it is looked up by its tag, and only when it is certain that nothing came of it a fresh attempt is made.
 * Answers when to come back, or null when every attempt has its answer.
 */
export async function startRegion(
  context: ServerContext,
  job: Job,
  backup: BackupRow,
  ec2: Ec2Port,
): Promise<Instant | null> {
  const attempts = await openAttempts(context, backup, ec2.region);
  if (attempts.length === 0) return null;
  const sent = await Promise.all(attempts.map((attempt) => send(context, job, { backup, ec2, attempt })));
  const found = await lookUp(ec2, attempts, sent);
  const outcomes = attempts.map((attempt, index) =>
    settle(context, attempt, { sent: sent[index], found: found.get(attempt.id) ?? [], backup }),
  );
  await job.transaction(async (tx) => {
    for (const [index, outcome] of outcomes.entries()) {
      const attempt = attempts[index];
      if (attempt !== undefined && outcome.retry)
        await tryAgain(tx, context, { backup, ec2, attempt, wasUnknown: outcome.wasUnknown });
    }
    await updateSnapshots(
      tx,
      outcomes.flatMap(({ updates }) => updates),
    );
    await appendLog(
      tx,
      backup.id,
      context.clock.now(),
      outcomes.flatMap(({ log }) => log),
    );
    await enqueuePoll(tx, { accountId: backup.accountId, ownerId: backup.ownerId, region: ec2.region });
  });
  const times = outcomes.flatMap(({ lookAt }) => (lookAt === null ? [] : [lookAt]));
  return times.length === 0 ? null : (Math.min(...times) as Instant);
}

/** The instants at which calls of this backup were accepted, for its start skew. */
export function skewOf(snapshots: readonly SnapshotRow[]): number | null {
  const times = snapshots.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt]));
  return times.length === 0 ? null : Math.max(...times) - Math.min(...times);
}

async function openAttempts({ db }: ServerContext, backup: BackupRow, region: string): Promise<Attempt[]> {
  const [snapshots, resources] = await Promise.all([findSnapshots(db, backup.id), findResources(db, backup.id)]);
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const open = snapshots.filter((snapshot) => snapshot.region === region && snapshot.state === 'intended');
  return [...Map.groupBy(open, ({ attemptId }) => attemptId)].flatMap(([id, rows]) => {
    const resource = byId.get(rows[0]?.resourceId ?? '');
    return resource === undefined ? [] : [{ id, resource, rows }];
  });
}

type Sending = { readonly backup: BackupRow; readonly ec2: Ec2Port; readonly attempt: Attempt };

/** Sends an attempt's call once in its life: a start without a recorded end means that its answer was lost with the server. */
async function send(context: ServerContext, job: Job, { backup, ec2, attempt }: Sending): Promise<Sent> {
  const name = `start ${attempt.id}`;
  const wasStarted = job.startedBefore(name);
  return job.step(name, async (): Promise<Sent> => {
    if (wasStarted) return { sent: 'unknown', at: context.clock.now() };
    try {
      const snapshots = await callAws(context, { backup, ec2, attempt });
      return { sent: 'accepted', at: context.clock.now(), snapshots: snapshots.map(withoutTags) };
    } catch (error) {
      return failureOf(error, context.clock.now());
    }
  });
}

/** Their tags are ours, five on each: not worth keeping in the step. */
const withoutTags = (snapshot: AwsSnapshot): AwsSnapshot => ({ ...snapshot, tags: {}, description: '' });

function failureOf(error: unknown, at: Instant): Sent {
  if (isOutcomeUnknown(error)) return { sent: 'unknown', at };
  if (!isCpmError(error)) throw error;
  const reason = describeError(error);
  if (isWorthRetrying(error) || PASSING_LIMITS.has(awsCodeOf(error) ?? '')) return { sent: 'later', reason, at };
  return { sent: 'refused', reason };
}

async function callAws(context: ServerContext, { backup, ec2, attempt }: Sending): Promise<readonly AwsSnapshot[]> {
  const { resource, rows, id } = attempt;
  const sourceId = resource.resourceId;
  if (backup.policyId === null) throw new Error('a running backup has lost its policy');
  const { installationId } = context;
  const tags = tagsOf({ installationId, policyId: backup.policyId, backupId: backup.id, attemptId: id, sourceId });
  const description = snapshotDescription(backup.policyName, sourceId);
  const [only] = rows;
  if (only?.ownCall === true) {
    return [await ec2.createSnapshot({ volumeId: only.volumeId, description, tags })];
  }
  const taken = new Set(rows.map(({ volumeId }) => volumeId));
  const root = resource.configuration?.rootDeviceName;
  const left = (resource.configuration?.volumes ?? []).filter(({ volumeId }) => !taken.has(volumeId));
  const excludeVolumeIds = left.filter(({ deviceName }) => deviceName !== root).map(({ volumeId }) => volumeId);
  const excludeRoot = left.some(({ deviceName }) => deviceName === root);
  return ec2.createSnapshots({
    instanceId: sourceId,
    excludeRoot,
    excludeVolumeIds,
    description,
    tags,
    copySourceTags: false,
  });
}

const tagsOf = (labels: SnapshotLabels): Tags =>
  Object.fromEntries(snapshotTags(labels).map(({ key, value }) => [key, value]));

/** The snapshots that AWS shows of attempts whose answer was lost. */
async function lookUp(
  ec2: Ec2Port,
  attempts: readonly Attempt[],
  sent: readonly Sent[],
): Promise<Map<string, AwsSnapshot[]>> {
  const unknown = attempts.filter((_, index) => sent[index]?.sent === 'unknown').map(({ id }) => id);
  if (unknown.length === 0) return new Map();
  const found = await ec2.findSnapshotsByTag(CPM_TAG_KEYS.attempt, unknown);
  return Map.groupBy(found, ({ tags }) => tags[CPM_TAG_KEYS.attempt] ?? '');
}

type Settled = Outcome & { readonly retry: boolean; readonly wasUnknown: boolean };
type Known = { readonly sent: Sent | undefined; readonly found: readonly AwsSnapshot[]; readonly backup: BackupRow };

/** What an attempt's answer, or what was found of it, means for its snapshots. */
function settle({ clock }: ServerContext, attempt: Attempt, { sent, found, backup }: Known): Settled {
  const now = clock.now();
  const nothing: Settled = { updates: [], log: [], lookAt: null, retry: false, wasUnknown: false };
  const isLate = now - backup.startedAt > START_WINDOW_MS;
  switch (sent?.sent) {
    case undefined:
      return nothing;
    case 'accepted':
      return { ...nothing, ...adopt(attempt, sent.snapshots, sent.at), log: [started(attempt, sent.snapshots.length)] };
    case 'refused':
      return { ...nothing, ...giveUp(attempt, sent.reason) };
    case 'later':
      if (isLate) return { ...nothing, ...giveUp(attempt, sent.reason) };
      if (now < sent.at + TRY_AGAIN_MS) {
        const log =
          now - sent.at < 1000 ? [warning(`${attempt.resource.resourceId}: ${sent.reason}; tried again soon`)] : [];
        return { ...nothing, log, lookAt: addMs(sent.at, TRY_AGAIN_MS) };
      }
      return { ...nothing, retry: true, lookAt: now };
    case 'unknown':
      return settleUnknown(attempt, { found, now, since: sent.at, isLate }, nothing);
  }
}

type Unknown = {
  readonly found: readonly AwsSnapshot[];
  readonly now: Instant;
  readonly since: Instant;
  readonly isLate: boolean;
};

function settleUnknown(attempt: Attempt, { found, now, since, isLate }: Unknown, nothing: Settled): Settled {
  const hasSettled = now >= since + SETTLE_MS;
  // A part of a multi-volume snapshot may show before the rest: wait for all of it.
  if (found.length >= attempt.rows.length || (hasSettled && found.length > 0)) {
    const log = [
      info(
        `${attempt.resource.resourceId}: the answer of AWS was lost; its ${found.length} snapshots were found by their tag`,
      ),
    ];
    return { ...nothing, ...adopt(attempt, found, since), log };
  }
  if (!hasSettled) return { ...nothing, lookAt: addMs(now, LOOK_AGAIN_MS) };
  if (isLate)
    return { ...nothing, ...giveUp(attempt, 'the answer of AWS was lost and no snapshot shows'), wasUnknown: true };
  return { ...nothing, retry: true, wasUnknown: true, lookAt: now };
}

const started = ({ resource }: Attempt, count: number): NewLogLine =>
  info(
    `${resource.resourceId}: ${count === 1 ? 'snapshot started' : `${count} snapshots started at one point in time`}`,
  );

/** Our records of the attempt with what AWS made; a volume that AWS left out has failed. */
function adopt(attempt: Attempt, snapshots: readonly AwsSnapshot[], at: Instant): Pick<Outcome, 'updates'> {
  const byVolume = new Map(snapshots.map((snapshot) => [snapshot.volumeId, snapshot]));
  return {
    updates: attempt.rows.map((row) => {
      const seen = byVolume.get(row.volumeId);
      if (seen === undefined) return failed(row, 'AWS made no snapshot of this volume');
      // When the call was accepted by our clock: the skew must not depend on AWS's, which shows whole seconds.
      return { ...factsFromAws(row, seen, at), startedAt: at };
    }),
  };
}

function giveUp(attempt: Attempt, reason: string): Pick<Outcome, 'updates' | 'log'> {
  return {
    updates: attempt.rows.map((row) => failed(row, reason)),
    log: [failure(`${attempt.resource.resourceId}: ${reason}`)],
  };
}

function failed(row: SnapshotRow, message: string): SnapshotUpdate {
  const { id, awsSnapshotId, progressPercent, sizeGiB, encrypted, startedAt, completedAt, absentSince } = row;
  return {
    id,
    awsSnapshotId,
    state: 'error',
    progressPercent,
    message,
    sizeGiB,
    encrypted,
    startedAt,
    completedAt,
    absentSince,
  };
}

/** A fresh attempt for the same snapshots; one that may yet turn up is looked for later and removed. */
async function tryAgain(
  tx: Transaction<Database>,
  { clock }: ServerContext,
  { backup, ec2, attempt, wasUnknown }: Sending & { readonly wasUnknown: boolean },
): Promise<void> {
  const at = clock.now();
  const scope = { ownerId: backup.ownerId, backupId: backup.id, accountId: backup.accountId, region: ec2.region, at };
  await replaceAttempt(tx, scope, { old: attempt.id, fresh: parseAttemptId(randomUUID()) });
  if (!wasUnknown) return;
  await enqueueJob(tx, {
    kind: SETTLE_ATTEMPT,
    subjectId: attempt.id,
    ownerId: backup.ownerId,
    uniqueKey: attempt.id,
    wakeAt: addMs(at, SETTLE_FIRST_LOOK_MS),
  });
}
