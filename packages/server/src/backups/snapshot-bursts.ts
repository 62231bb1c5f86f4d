import type { Ec2Port, RdsPort, RedshiftPort, Reservation } from '@cpm/aws/port';
import { isCpmError, type AttemptId, type Instant } from '@cpm/core';
import type { Transaction } from 'kysely';
import { ec2Of } from '../accounts/account-access.ts';
import { databasePortsOf, type DatabasePorts } from '../accounts/database-ports.ts';
import type { Database } from '../db/schema.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import { regionsOf, type BackupRun } from './backup-run.ts';
import { findRoom } from './pending-room.ts';
import type { DatabaseAttempt } from './send-database-attempt.ts';
import { prepareAttempt, stepOfAttempt, type Attempt, type PreparedAttempt } from './send-attempt.ts';
import { stepOfDatabase, openDatabaseAttempts, sendFrozenDatabases, waitForDatabases } from './start-databases.ts';
import { openAttempts, sendFrozen } from './start-snapshots.ts';

/** All that a region has to send while an application is frozen, and through what. */
export type Burst = {
  readonly ec2: Ec2Port;
  readonly databases: DatabasePorts;
  readonly attempts: readonly Attempt[];
  readonly databaseAttempts: readonly DatabaseAttempt[];
  /** Calls of attempts that only wait to be sent. */
  readonly prepared: ReadonlyMap<AttemptId, PreparedAttempt>;
};

/** The bursts of a backup's regions, in the order in which everybody takes reservations; regions with none are left out. */
export async function findBursts(run: BackupRun): Promise<Burst[]> {
  const { context, job, backup } = run;
  const signal = AbortSignal.any([job.signal, job.cancelSignal]);
  const onWait = ({ expectedMs }: { readonly expectedMs: number }) => void tellWait(run, expectedMs);
  const options = { priority: 'scripts' as const, signal, onWait };
  const bursts = await Promise.all(
    regionsOf(run).map(async (region) => ({
      ec2: ec2Of(context, backup.accountId, region, options),
      databases: databasePortsOf(context, backup.accountId, region, options),
      attempts: await openAttempts(context, backup, region),
      databaseAttempts: await openDatabaseAttempts(run, region),
      prepared: new Map(),
    })),
  );
  return bursts.filter(({ attempts, databaseAttempts }) => attempts.length + databaseAttempts.length > 0);
}

/** When to look again whether AWS has room for all of it; null when it has. */
export async function roomForBursts(run: BackupRun, bursts: readonly Burst[]): Promise<Instant | null> {
  const times = await Promise.all(
    bursts.map(async ({ ec2, attempts, databases, databaseAttempts }) => [
      (await findRoom(run, ec2.region, attempts)).lookAt,
      databaseAttempts.length === 0 ? null : await waitForDatabases(run, databases),
    ]),
  );
  const waits = times.flat().filter((at) => at !== null);
  return waits.length === 0 ? null : (Math.min(...waits) as Instant);
}

type Reserved = { readonly bursts: readonly Burst[]; readonly release: () => void };

/**
 * Request tokens and open connections for every call, and those to EC2 written and signed; null when the backup is aborted while
 * it waits for them.
 */
export async function reserveBursts(run: BackupRun, bursts: readonly Burst[]): Promise<Reserved | null> {
  const held: Reservation<unknown>[] = [];
  const ready: PreparedAttempt[] = [];
  const release = () => {
    held.forEach((each) => each.release());
    ready.forEach((each) => each.drop());
  };
  const keep = <Port>(reservation: Reservation<Port>): Port => {
    held.push(reservation);
    return reservation.port;
  };
  try {
    const reserved: Burst[] = [];
    // One after another, regions by name and services in one order: two that wait for each other would wait for ever.
    for (const burst of bursts) {
      const { attempts, databaseAttempts, databases } = burst;
      const single = attempts.filter(({ rows }) => rows[0]?.ownCall === true).length;
      const of = (service: DatabaseAttempt['service']) =>
        databaseAttempts.filter((each) => each.service === service).length;
      const calls = { CreateSnapshots: attempts.length - single, CreateSnapshot: single };
      const ec2: Ec2Port = attempts.length === 0 ? burst.ec2 : keep(await burst.ec2.reserve(calls));
      const rdsCalls = { CreateDBSnapshot: of('rds'), CreateDBClusterSnapshot: of('rds-cluster') };
      const isRds = of('rds') + of('rds-cluster') > 0;
      const rds: RdsPort = isRds ? keep(await databases.rds.reserve(rdsCalls)) : databases.rds;
      const redshift: RedshiftPort =
        of('redshift') > 0
          ? keep(await databases.redshift.reserve({ CreateClusterSnapshot: of('redshift') }))
          : databases.redshift;
      reserved.push({ ...burst, ec2, databases: { ...databases, rds, redshift } });
    }
    // When nothing is waited for any more: a signature does not keep.
    const whole = reserved.map((burst) => ({ ...burst, prepared: prepareBurst(run, burst) }));
    ready.push(...whole.flatMap(({ prepared }) => [...prepared.values()]));
    return { bursts: whole, release };
  } catch (error) {
    release();
    if (isCpmError(error) && run.job.cancelRequested) return null;
    throw error;
  }
}

function prepareBurst({ context, backup, settings }: BackupRun, { ec2, attempts }: Burst): Burst['prepared'] {
  const { copySourceTags } = settings;
  const prepare = (attempt: Attempt) => prepareAttempt(context, { backup, ec2, attempt, copySourceTags });
  return new Map(attempts.map((attempt) => [attempt.id, prepare(attempt)]));
}

async function tellWait({ context, job, backup }: BackupRun, expectedMs: number): Promise<void> {
  const text = `waiting ${Math.ceil(expectedMs / 1000)} s for AWS's request limit before the application is frozen`;
  // The log is told at once; a job that is lost meanwhile says nothing more.
  await job
    .transaction((tx) => appendLog(tx, backup.id, context.clock.now(), [info(text)]))
    .catch((error: unknown) => context.log.debug({ err: error }, text));
}

/** Puts on record that the calls are about to be sent: then nothing is to be written before they are. */
export async function announceBursts(
  tx: Transaction<Database>,
  { job }: BackupRun,
  bursts: readonly Burst[],
): Promise<void> {
  const names = bursts.flatMap(({ attempts, databaseAttempts }) => [
    ...attempts.map(stepOfAttempt),
    ...databaseAttempts.map((attempt) => stepOfDatabase(attempt, 0)),
  ]);
  await job.announce(tx, names);
}

export type SentBursts = {
  /** Every call has its answer, or none will come. */
  readonly answered: Promise<void>;
  /** And that is on record: not before the application runs again. */
  readonly recorded: Promise<void>;
};

/** Sends everything at once, and does nothing else before `thawed`. */
export function sendBursts(run: BackupRun, bursts: readonly Burst[], thawed: Promise<void>): SentBursts {
  let open = bursts.reduce((sum, each) => sum + each.attempts.length + each.databaseAttempts.length, 0);
  const answers = Promise.withResolvers<void>();
  const onAnswer = () => {
    open -= 1;
    if (open === 0) answers.resolve();
  };
  const sent = bursts.flatMap(({ ec2, databases, attempts, databaseAttempts, prepared }) => [
    sendFrozen(run, ec2, attempts, { prepared, onAnswer, thawed }),
    sendFrozenDatabases(run, databases, databaseAttempts, { onAnswer, thawed }),
  ]);
  const recorded = Promise.all(sent).then(() => undefined);
  // What is not sent any more has no answer either.
  return { answered: Promise.race([answers.promise, recorded]), recorded };
}
