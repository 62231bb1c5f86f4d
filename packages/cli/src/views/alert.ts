import type { Alert } from '@cpm/contract';
import type { Column } from '../terminal/print.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';

export const alertColumns: readonly Column<Alert>[] = [
  ['OPENED', (alert) => formatTime(alert.openedAt)],
  ['CLOSED', (alert) => formatTimeOrNone(alert.closedAt)],
  ['SEVERITY', (alert) => alert.severity],
  ['CATEGORY', (alert) => alert.category],
  ['POLICY', (alert) => alert.policy?.name],
  ['ALERT', (alert) => alert.title],
  ['MESSAGE', (alert) => alert.message],
  ['ID', (alert) => alert.id],
];
