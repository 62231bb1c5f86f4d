import { isOutcomeUnknown } from '@cpm/aws/port';
import { addMs, isCpmError, isWorthRetrying, type Instant, type RecoveryId } from '@cpm/core';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info, warning } from '../logs/log-lines.store.ts';
import { endRecovery, failRecovery, seekByTag } from './end-recovery.ts';
import { changeRecovery, findRecoveryForJob, planBinding, type RecoveryRow } from './recoveries.store.ts';
import { recoveryAccess, type RecoveryAccess } from './recovery-access.ts';
import { findLeft } from './find-left.ts';
import { MayBeMade } from './may-be-made.ts';
import { addObjects, changeObject, findObjects } from './recovery-objects.store.ts';
import { whatRemains } from './what-remains.ts';

/** How long a process without the credentials of a recovery leaves it to the one that has them. */
const CREDENTIALS_ELSEWHERE_MS = 30_000;
const LOOK_FOR_CREDENTIALS_MS = 1_000;
/**
 * A region that is down for hours is when recoveries are wanted most: they wait for it, with the engine's growing pauses, and go on
 * with the same plan (F11, F26).
 */
const MOST_ATTEMPTS = 100;
/** So long what AWS may have made is looked for, and how often; after that its tag is named. */
const UNSURE_FOR_MS = 7 * 24 * 3600_000;
const UNSURE_LOOK_MS = 300_000;
/** Credentials that were given for one recovery are not restored once they have expired. */
const OWN_CREDENTIALS_MS = 3600_000;

/** Where the job of a recovery stands: its record, its plan, and AWS where it makes things. */
export type RecoveryScene<Plan> = {
  readonly context: ServerContext;
  readonly job: JobContext<Database>;
  readonly recovery: RecoveryRow;
  readonly access: RecoveryAccess;
  readonly plan: Plan;
};

/** What every kind of recovery has in common: it is carried out unless it has ended, by whoever holds its credentials. */
export function recoveryKind<Plan>(
  context: ServerContext,
  run: (scene: RecoveryScene<Plan>) => Promise<JobEnd<Database>>,
): JobKind<Database> {
  return {
    async run(job) {
      const { db, clock, secrets, recoveryCredentials } = context;
      const recovery = await findRecoveryForJob(db, job.subjectId as RecoveryId);
      if (recovery.endedAt !== null) return job.done();
      const credentials = recovery.usesOwnCredentials ? recoveryCredentials.of(recovery.id) : null;
      if (recovery.usesOwnCredentials && credentials === null) {
        const isElsewhere = clock.now() < addMs(recovery.startedAt, CREDENTIALS_ELSEWHERE_MS);
        return isElsewhere
          ? job.park(addMs(clock.now(), LOOK_FOR_CREDENTIALS_MS))
          : endWithoutCredentials(context, job, recovery);
      }
      const access = recoveryAccess(context, recovery, { credentials, signal: job.signal });
      const plan = JSON.parse(secrets.open(recovery.sealedPlan, planBinding(recovery.id))) as Plan;
      return unlessUnsure(context, { job, recovery }, () => run({ context, job, recovery, access, plan }));
    },
    onFailed: (tx, job, error) => failRecovery(context, tx, job.subjectId as RecoveryId, error),
    maxAttempts: MOST_ATTEMPTS,
  };
}

type Here = { readonly job: JobContext<Database>; readonly recovery: RecoveryRow };

/**
 * Where AWS does not say how it stands with what was begun, the recovery waits and goes on with the same plan, such as when
 * revoked keys are restored: nothing that it made is left half done, or forgotten.
 */
async function unlessUnsure(
  { db, clock }: ServerContext,
  { job, recovery }: Here,
  run: () => Promise<JobEnd<Database>>,
): Promise<JobEnd<Database>> {
  const hasBegun = async () =>
    job.isUnsure() ||
    (await findObjects(db, [recovery.id])).some(({ awsId, role }) => awsId !== null && role === 'made');
  try {
    return await run();
  } catch (error) {
    // What may pass is the engine's to repeat, within seconds at first.
    if (isCpmError(error) && isWorthRetrying(error)) throw error;
    const isRefused = isCpmError(error) && error.class === 'denied' && (await hasBegun());
    const isUnsure = error instanceof MayBeMade || isOutcomeUnknown(error);
    if (!isRefused && !isUnsure) throw error;
    const why = error instanceof MayBeMade ? error.message : describeError(error);
    const since = await job.transactionStep<Instant>('unsure', async (tx) => {
      const text = `AWS does not say how it stands; it is asked again every five minutes: ${why}`;
      await appendLog(tx, recovery.id, clock.now(), [warning(text)]);
      return clock.now();
    });
    const patienceMs = recovery.usesOwnCredentials ? OWN_CREDENTIALS_MS : UNSURE_FOR_MS;
    if (clock.now() >= addMs(since, patienceMs)) throw error;
    return job.park(addMs(clock.now(), UNSURE_LOOK_MS));
  }
}

/** The server was started anew meanwhile and has forgotten them: what was made is looked up and named, nothing more is tried. */
async function endWithoutCredentials(
  context: ServerContext,
  job: JobContext<Database>,
  recovery: RecoveryRow,
): Promise<JobEnd<Database>> {
  const left = await findLeft(context, recovery, await findObjects(context.db, [recovery.id]));
  return job.done(async (tx) => {
    const found = (left ?? []).map(({ kind, awsId }) => ({
      kind,
      awsId,
      state: 'kept' as const,
      note: 'found by its tag',
    }));
    await addObjects(tx, recovery, found, context.clock.now());
    const objects = await findObjects(tx, [recovery.id]);
    for (const { id, state, awsId } of objects)
      if (state === 'creating') await changeObject(tx, id, { state: awsId === null ? 'failed' : 'kept' });
    const reasons = [
      'the credentials that were given for it are gone with a restart of the server: they are kept in memory only. Start it again with them',
      ...whatRemains(objects),
      ...(left === null ? [seekByTag(recovery)] : []),
    ];
    await appendLog(
      tx,
      recovery.id,
      context.clock.now(),
      reasons.map((text) => failure(text)),
    );
    await endRecovery(context, tx, recovery, { reasons, anyGood: false });
  });
}

type Told = { readonly info?: readonly string[]; readonly warnings?: readonly string[] };

/** Goes on to a step, in the transaction of what ended the one before, with lines of its log. */
export async function enterStep(
  { context, recovery }: Pick<RecoveryScene<unknown>, 'context' | 'recovery'>,
  tx: Transaction<Database>,
  stepNumber: number,
  { info: told = [], warnings = [] }: Told = {},
): Promise<void> {
  await changeRecovery(tx, recovery, { stepNumber });
  const lines = [...told.map((text) => info(text)), ...warnings.map((text) => warning(text))];
  if (lines.length > 0) await appendLog(tx, recovery.id, context.clock.now(), lines);
}
