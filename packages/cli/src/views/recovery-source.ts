import type { RecoverableResource, RecoveryPanel, RecoveryPoint } from '@cpm/contract';
import type { Column, Printer } from '../terminal/print.ts';
import { formatTime } from '../terminal/time.ts';

export const resourceColumns: readonly Column<RecoverableResource>[] = [
  ['NAME', (resource) => resource.name],
  ['KIND', (resource) => resource.kind],
  ['REGION', (resource) => resource.region],
  ['ACCOUNT', (resource) => resource.accountName],
  ['BACKUPS', (resource) => resource.points],
  ['NEWEST', (resource) => formatTime(resource.newestAt)],
  ['OLDEST', (resource) => formatTime(resource.oldestAt)],
  ['AWS ID', (resource) => resource.awsId],
];

export const pointColumns: readonly Column<RecoveryPoint>[] = [
  ['AT', (point) => formatTime(point.at)],
  ['POLICY', (point) => point.policyName],
  ['STATUS', (point) => point.backupStatus],
  ['SNAPSHOTS', (point) => `${point.completedSnapshots} of ${point.snapshots}`],
  ['FROZEN', (point) => point.isFrozen],
  ['BACKUP', (point) => point.backupId],
];

type Resource = RecoveryPanel['resources'][number];

const panelColumns: readonly Column<Resource>[] = [
  ['RESOURCE', (resource) => resource.name],
  ['KIND', (resource) => resource.kind],
  ['REGION', (resource) => resource.region],
  ['SNAPSHOTS', (resource) => resource.completedSnapshots],
  ['WAYS', (resource) => waysOf(resource)],
  ['REMARKS', (resource) => remarksOf(resource)],
  ['AWS ID', (resource) => resource.awsId],
];

/** Shows what a backup can bring back, how, and where to. */
export function printPanel(print: Printer, isJson: boolean, panel: RecoveryPanel): void {
  if (isJson) return print.json(panel);
  print.page({ items: panel.resources }, panelColumns, ({ resourceId }) => resourceId);
  const places = panel.places.map(({ accountName, region }) => `${region} (account ${accountName})`);
  if (places.length > 0) print.note(`It can come back to ${places.join(', ')}.`);
}

const waysOf = ({ ways }: Resource): string =>
  ways
    .filter(({ isOffered }) => isOffered)
    .map(({ way }) => way)
    .join(', ') || 'none';

const remarksOf = ({ ways }: Resource): string =>
  [...new Set(ways.flatMap(({ way, why }) => (why === null ? [] : [`${way}: ${why}`])))].join('; ');
