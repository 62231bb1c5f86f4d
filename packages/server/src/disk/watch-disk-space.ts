import { closeAlert, raiseAlert } from '../alerts/alerts.store.ts';
import type { ServerContext } from '../context.ts';
import { startRounds } from '../engine/rounds.ts';
import { findRootUser } from '../users/users.store.ts';
import { inMiB, LOW_BYTES, SHORT_BYTES } from './disk-space.ts';

type Level = 'fine' | 'low' | 'short';
type Parts = Pick<ServerContext, 'db' | 'clock' | 'log' | 'disk'>;

const RETRY_MS = 30_000;
const ALERT = { category: 'system', subject: 'disk-space' } as const;

/**
 * Looks at the free space twice a minute and keeps one alert of the root user true: a warning when it gets low, an error once no
 * backup is begun any more (F18). While the disk is too full for the alert itself, the log has it.
 */
export function watchDiskSpace(parts: Parts): { readonly stop: () => Promise<void> } {
  let told: Level | null = null;
  const round = async () => {
    const free = await parts.disk.freeBytes();
    const level = free === null ? 'fine' : levelOf(free, told);
    if (free !== null && level !== told && (await tell(parts, level, free))) told = level;
    return { nextAt: null };
  };
  const onError = (error: unknown) => parts.log.error({ err: error }, 'the free space of the disk could not be told');
  const rounds = startRounds({ clock: parts.clock, round, onError, retryMs: RETRY_MS });
  rounds.soon();
  return { stop: rounds.stop };
}

/** It gets better only with a tenth more than what it got worse at: no alert comes and goes with every file. */
function levelOf(free: number, last: Level | null): Level {
  const short = last === 'short' ? SHORT_BYTES * 1.1 : SHORT_BYTES;
  const low = last === 'low' || last === 'short' ? LOW_BYTES * 1.1 : LOW_BYTES;
  if (free < short) return 'short';
  return free < low ? 'low' : 'fine';
}

/** Answers whether there was somebody to tell. */
async function tell({ db, clock, log }: Parts, level: Level, free: number): Promise<boolean> {
  const left = `The disk of the data directory has ${inMiB(free)} free.`;
  if (level === 'short') log.error(`${left} No backup is begun`);
  if (level === 'low') log.warn(left);
  return db.transaction().execute(async (tx) => {
    const root = await findRootUser(tx);
    if (root === null) return level === 'fine';
    const alert = { ...ALERT, ownerId: root, at: clock.now() };
    if (level === 'fine') await closeAlert(tx, alert);
    else await raiseAlert(tx, { ...alert, ...ABOUT_NOTHING_ELSE, ...wordsOf(level, left) });
    return true;
  });
}

const ABOUT_NOTHING_ELSE = { policyId: null, accountId: null, backupId: null };

function wordsOf(level: 'low' | 'short', left: string) {
  const advice = 'Free space on it, or give it more.';
  if (level === 'low') {
    const message = `${left} Below ${inMiB(SHORT_BYTES)} no backup is begun. ${advice}`;
    return { severity: 'warning' as const, title: 'The disk of this server is getting full', message };
  }
  const message = `${left} Below ${inMiB(SHORT_BYTES)} no backup is begun; each fails with this reason and is tried again as its policy says. What runs goes on, and recoveries are begun. ${advice}`;
  return { severity: 'error' as const, title: 'No backup is begun: the disk of this server is full', message };
}
