import type { Deletion, RetentionPreview } from '@cpm/contract';
import type { Column } from '../terminal/print.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';

export const retentionColumns: readonly Column<RetentionPreview['items'][number]>[] = [
  ['STARTED', (backup) => formatTime(backup.startedAt)],
  ['ACTION', (backup) => backup.action],
  ['REASON', (backup) => backup.reason],
  ['SNAPSHOTS', (backup) => backup.snapshots.map((snapshot) => snapshot.awsSnapshotId).join(', ')],
  ['BACKUP', (backup) => backup.backupId],
];

export const deletionColumns: readonly Column<Deletion>[] = [
  ['MARKED', (deletion) => formatTime(deletion.markedAt)],
  ['SNAPSHOT', (deletion) => deletion.awsSnapshotId],
  ['SOURCE', (deletion) => deletion.sourceId],
  ['REGION', (deletion) => deletion.region],
  ['POLICY', (deletion) => deletion.policyName],
  ['REASON', (deletion) => deletion.reason],
  ['STATE', (deletion) => deletion.state],
  ['OBSTACLE', (deletion) => deletion.obstacle],
  ['MESSAGE', (deletion) => deletion.message],
  ['TRIED', (deletion) => formatTimeOrNone(deletion.triedAt)],
  ['BACKUP', (deletion) => deletion.backupId],
];
