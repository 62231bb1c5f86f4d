import { setTimeout as delay } from 'node:timers/promises';
import type { Cpm } from './cpm.ts';
import type { SimulatedAws } from './simulated-aws.ts';
import { readStartFigures, type StartFigures } from './start-figures.ts';
import type { Usage } from './usage.ts';

/** One backup that a schedule fired. */
export type PolicyRun = {
  readonly status: string;
  readonly reasons: readonly string[];
  readonly figures: StartFigures;
  /** From the due moment until the committed backup was heard of on the event stream. */
  readonly heardMs: number;
  /** CPU from shortly before the due moment to the backup's end, what an idle server uses taken off; null without /proc. */
  readonly cpu: { readonly serverMs: number; readonly postgresMs: number } | null;
  readonly before: Usage | null;
  readonly after: Usage | null;
};

const IDLE_MS = 3_000;
const SET_UP_MS = 1_500;
/** No snapshot of the fleet is done earlier, so nothing is asked of the server until then. */
const QUIET_MS = 4_000;
const PATIENCE_MS = 40 * 60_000;

/** What the server uses per second while nothing happens; null without /proc. */
export async function measureIdle(cpm: Cpm): Promise<{ serverMs: number; postgresMs: number } | null> {
  const before = cpm.usage();
  await delay(IDLE_MS);
  const used = usedBetween(before, cpm.usage());
  const seconds = IDLE_MS / 1000;
  return used === null ? null : { serverMs: used.serverMs / seconds, postgresMs: used.postgresMs / seconds };
}

/** Lets a real schedule fire the policy and waits for the backup's end. Nothing else may go on meanwhile. */
export async function runPolicy(
  aws: SimulatedAws,
  cpm: Cpm,
  { policyId, scheduleId }: { readonly policyId: string; readonly scheduleId: string },
): Promise<PolicyRun> {
  const idle = await measureIdle(cpm);
  const { dueAtMs } = await cpm.fireSchedules([scheduleId], Date.now() + SET_UP_MS);
  await aws.forgetCalls();
  await delay(dueAtMs - 300 - Date.now());
  cpm.forgetPeak();
  const before = cpm.usage();
  const startedMs = performance.now();
  const backup = await endOfBackup(cpm, policyId, dueAtMs);
  const after = cpm.usage();
  const seconds = (performance.now() - startedMs) / 1000;
  const used = usedBetween(before, after);
  const cpu =
    used === null || idle === null
      ? null
      : {
          serverMs: used.serverMs - idle.serverMs * seconds,
          postgresMs: used.postgresMs - idle.postgresMs * seconds,
        };
  const heardMs = (cpm.events.firstHeard.get(backup.id) ?? Number.NaN) - dueAtMs;
  const { status, reasons } = backup;
  return { status, reasons, heardMs, cpu, before, after, figures: await readStartFigures(aws, dueAtMs) };
}

function usedBetween(before: Usage | null, after: Usage | null): { serverMs: number; postgresMs: number } | null {
  if (before === null || after === null) return null;
  return {
    serverMs: after.serverCpuMs - before.serverCpuMs,
    postgresMs: after.postgresCpuMs - before.postgresCpuMs,
  };
}

/** One backup that is started by hand, once it has ended. */
export async function runNow(cpm: Cpm, policyId: string) {
  const { backupId } = await cpm.call('POST /policies/:policyId/run', { params: { policyId } });
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const backup = await cpm.call('GET /backups/:backupId', { params: { backupId } });
    if (backup.endedAt !== null) return backup;
    await cpm.events.next(1_000);
  }
  throw new Error(`the backup ${backupId} has not ended within ${PATIENCE_MS / 60_000} minutes`);
}

/** The backup of that slot once it has ended; asks only when the event stream tells of a change. */
export async function endOfBackup(cpm: Cpm, policyId: string, dueAtMs: number) {
  await delay(Math.max(0, dueAtMs + QUIET_MS - Date.now()));
  const dueAt = new Date(dueAtMs).toISOString();
  while (Date.now() < dueAtMs + PATIENCE_MS) {
    const { items } = await cpm.call('GET /backups', { query: { policyId, limit: 5 } });
    const backup = items.find((each) => each.dueAt === dueAt);
    if (backup !== undefined && backup.endedAt !== null) return backup;
    await cpm.events.next(3_000);
  }
  throw new Error(`the backup due at ${dueAt} has not ended within ${PATIENCE_MS / 60_000} minutes`);
}
