import type { Backup } from '@cpm/contract';
import type { Column } from '../terminal/print.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';

export const frozenColumns: readonly Column<Backup>[] = [
  ['NAME', (backup) => backup.frozen?.name],
  ['DESCRIPTION', (backup) => backup.frozen?.description],
  ['POLICY', (backup) => backup.policy.name],
  ['ACCOUNT', (backup) => backup.account.name],
  ['BACKUP OF', (backup) => formatTime(backup.startedAt)],
  ['STATUS', (backup) => backup.statusText],
  ['SNAPSHOTS', (backup) => backup.snapshotCount],
  ['GIB', (backup) => backup.sizeGiB],
  ['FROZEN', (backup) => formatTimeOrNone(backup.frozen?.at ?? null)],
  ['BY', (backup) => backup.frozen?.by],
  ['ID', (backup) => backup.id],
];
