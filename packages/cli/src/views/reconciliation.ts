import type { ReconciliationFinding, ReconciliationRun } from '@cpm/contract';
import type { Column } from '../terminal/print.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';

export const reconciliationColumns: readonly Column<ReconciliationRun>[] = [
  ['ACCOUNT', (run) => run.account.name],
  ['REGION', (run) => run.region],
  ['STARTED', (run) => formatTime(run.startedAt)],
  ['ENDED', (run) => formatTimeOrNone(run.endedAt)],
  ['SNAPSHOTS', (run) => run.snapshotsSeen],
  ['ERROR', (run) => run.error],
];

export const findingColumns: readonly Column<ReconciliationFinding>[] = [
  ['SEEN', (finding) => formatTime(finding.firstSeenAt)],
  ['CONFIRMED', (finding) => formatTimeOrNone(finding.confirmedAt)],
  ['SETTLED', (finding) => formatTimeOrNone(finding.resolvedAt)],
  ['KIND', (finding) => finding.kind],
  ['SNAPSHOT', (finding) => finding.awsSnapshotId],
  ['ACCOUNT', (finding) => finding.account.name],
  ['REGION', (finding) => finding.region],
  ['MESSAGE', (finding) => finding.message],
  ['BACKUP', (finding) => finding.backupId],
];
