/**
 * Where a backup is. What is true in each:
 * `queued` its row exists and nothing was called; `starting` snapshot calls are made or being looked up;
 * `waiting` every call has an answer and AWS copies blocks; `aborting` no new call is made, what was frozen is thawed;
 * `ended` the outcome is fixed. Partial failure is an outcome with reasons, not a phase.
 */
export const BACKUP_PHASES = ['queued', 'starting', 'waiting', 'aborting', 'ended'] as const;
export type BackupPhase = (typeof BACKUP_PHASES)[number];

export type BackupStatus = 'successful' | 'partial' | 'failed';
export type DrStatus = 'none' | 'waiting' | 'running' | 'completed' | 'failed' | 'skipped';

/** What started a backup: its schedule, a person, or the failure of the one before (POL-5). */
export type BackupTrigger = 'schedule' | 'manual' | 'retry';

/** Which service of AWS holds a snapshot. */
export const SNAPSHOT_SERVICES = ['ebs', 'rds', 'rds-cluster', 'redshift'] as const;
export type SnapshotService = (typeof SNAPSHOT_SERVICES)[number];

/** What CPM knows of one snapshot: `intended` is committed before AWS is called, `missing` AWS lost it. */
export const SNAPSHOT_STATES = ['intended', 'pending', 'completed', 'error', 'missing', 'deleted'] as const;
export type SnapshotState = (typeof SNAPSHOT_STATES)[number];

/** The phases that may follow a phase. */
const NEXT_PHASES: Readonly<Record<BackupPhase, readonly BackupPhase[]>> = {
  queued: ['starting', 'aborting', 'ended'],
  starting: ['waiting', 'aborting', 'ended'],
  waiting: ['aborting', 'ended'],
  aborting: ['ended'],
  ended: [],
};

/** Whether a backup may go from one phase to the other; an ended one never moves again. */
export function mayEnterPhase(from: BackupPhase, to: BackupPhase): boolean {
  return NEXT_PHASES[from].includes(to);
}

/** The words the console, the reports and the command line show for an ended backup (BKP-4). */
export function describeStatus(status: BackupStatus): string {
  switch (status) {
    case 'successful':
      return 'Backup Successful';
    case 'partial':
      return 'Backup Partially Successful';
    case 'failed':
      return 'Backup Failed';
  }
}

/** The words shown for a backup at any time: its outcome, or how far it is in whole percent. */
export function describeBackup(phase: BackupPhase, status: BackupStatus | null, percent: number): string {
  if (status !== null) return describeStatus(status);
  if (phase === 'queued') return 'Waiting to start';
  return phase === 'aborting' ? 'Aborting' : `In progress (${percent}%)`;
}

/** The words shown for the DR of a backup (BKP-4); empty where the policy has none. */
export function describeDrStatus(status: DrStatus): string {
  switch (status) {
    case 'none':
      return '';
    case 'waiting':
    case 'running':
      return 'In Progress';
    case 'completed':
      return 'Completed';
    case 'failed':
      return 'Failed';
    case 'skipped':
      return 'Skipped';
  }
}

/** One snapshot's share of a backup's progress. */
export type SnapshotProgress = { readonly sizeGiB: number; readonly state: SnapshotState; readonly percent: number };

/**
 * How far a backup's snapshots are, 0 to 100 in whole percent, weighted by volume size. 100 only when all have ended:
 * a snapshot that failed counts as ended, one that was only intended as 0.
 */
export function progressPercent(snapshots: readonly SnapshotProgress[]): number {
  const totalGiB = snapshots.reduce((sum, { sizeGiB }) => sum + Math.max(sizeGiB, 1), 0);
  if (totalGiB === 0) return 0;
  const done = snapshots.reduce((sum, snapshot) => sum + Math.max(snapshot.sizeGiB, 1) * shareDone(snapshot), 0);
  const isAllEnded = snapshots.every(({ state }) => state !== 'intended' && state !== 'pending');
  return isAllEnded ? 100 : Math.min(99, Math.floor((100 * done) / totalGiB));
}

function shareDone({ state, percent }: SnapshotProgress): number {
  if (state === 'intended') return 0;
  if (state !== 'pending') return 1;
  return Number.isFinite(percent) ? Math.min(100, Math.max(0, percent)) / 100 : 0;
}
