import type { BackedUpResource, Backup, Snapshot } from '@cpm/contract';
import type { GlobalOptions } from '../surroundings.ts';
import type { Column, Field, Printer } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';
import { visible } from '../terminal/visible.ts';

export const backupColumns: readonly Column<Backup>[] = [
  ['STARTED', (backup) => formatTime(backup.startedAt)],
  ['POLICY', (backup) => backup.policy.name],
  ['ACCOUNT', (backup) => backup.account.name],
  ['STATUS', (backup) => statusOf(backup)],
  ['SNAPSHOTS', (backup) => backup.snapshotCount],
  ['GIB', (backup) => backup.sizeGiB],
  ['RECOVERABLE', (backup) => backup.recoverable],
  ['ID', (backup) => backup.id],
];

/** Shows one backup. */
export function printBackup(print: Printer, backup: Backup): void {
  print.one(backup, fieldsOf(backup), backup.id);
}

/** What a running backup is doing, for the progress line. */
export function describeBackup(backup: Backup): string {
  return `${backup.policy.name}: ${backup.phase}`;
}

/** Shows what a backup holds: a line for each resource, its snapshots below. */
export function printResources(print: Printer, global: GlobalOptions, resources: readonly BackedUpResource[]): void {
  if (global.output === 'json') return print.json({ items: resources });
  if (global.quiet) return print.lines(resources.map((resource) => visible(resource.id)));
  if (resources.length === 0) return print.note('There are none.');
  print.lines(resources.flatMap((resource, index) => [...(index === 0 ? [] : ['']), ...resourceLines(resource)]));
}

function resourceLines(resource: BackedUpResource): string[] {
  const { kind, resourceId, resourceName, zone, state, message, cannotRecoverBecause } = resource;
  const remarks = [message, cannotRecoverBecause].filter((remark) => remark !== null);
  const head = `${kind} ${resourceId} ${resourceName === '' ? '' : `"${resourceName}" `}in ${zone}: ${state}`;
  const cells = resource.snapshots.map((snapshot) => snapshotColumns.map(([, cell]) => cell(snapshot)));
  const table = formatTable(
    snapshotColumns.map(([heading]) => heading),
    cells,
  );
  return [
    visible(head),
    ...remarks.map((remark) => `  ${visible(remark)}`),
    ...(cells.length === 0 ? [] : table.map((line) => `  ${line}`)),
  ];
}

const snapshotColumns: readonly Column<Snapshot>[] = [
  ['SOURCE', (snapshot) => snapshot.sourceId],
  ['DEVICE', (snapshot) => snapshot.device],
  ['ROOT', (snapshot) => snapshot.isRoot],
  ['GIB', (snapshot) => snapshot.sizeGiB],
  ['SNAPSHOT', (snapshot) => snapshot.awsSnapshotId],
  ['STATE', (snapshot) => (snapshot.state === 'pending' ? `pending ${snapshot.progressPercent} %` : snapshot.state)],
  ['ENCRYPTED', (snapshot) => snapshot.encrypted],
  ['MESSAGE', (snapshot) => snapshot.message],
  ['ID', (snapshot) => snapshot.id],
];

function statusOf(backup: Backup): string {
  return backup.deletion === null ? backup.statusText : `${backup.statusText}, ${backup.deletion.state}`;
}

function fieldsOf(backup: Backup): readonly Field[] {
  const { deletion, retry, abort, frozen } = backup;
  return [
    ['id', backup.id],
    ['policy', backup.policy.name],
    ['account', backup.account.name],
    ['status', statusOf(backup)],
    ['reasons', backup.reasons],
    ...(backup.status === 'in-progress' ? [['phase', backup.phase] as const] : []),
    ['started by', retry === null ? backup.trigger : `retry ${retry.number} of ${retry.of ?? 'a deleted backup'}`],
    ['retry at', formatTimeOrNone(backup.retryAt)],
    ['aborted', abort === null ? null : `${formatTime(abort.at)} by ${abort.by}`],
    ['due', formatTimeOrNone(backup.dueAt)],
    ['started', formatTime(backup.startedAt)],
    ['ended', formatTimeOrNone(backup.endedAt)],
    ['snapshots', backup.snapshotCount],
    ['size', `${backup.sizeGiB} GiB`],
    ['start skew', backup.startSkewMs === null ? null : `${backup.startSkewMs} ms`],
    ['freeze window', backup.freezeWindowMs === null ? null : `${backup.freezeWindowMs} ms`],
    ['generation', backup.isGeneration],
    ['recoverable', backup.recoverable],
    ...(frozen === null ? [] : frozenFields(frozen)),
    ...(deletion === null
      ? []
      : [['deletion', `${deletion.state}, ${formatTime(deletion.at)}: ${deletion.reason}`] as const]),
  ];
}

const frozenFields = ({ at, name, description, by }: NonNullable<Backup['frozen']>): readonly Field[] => [
  ['frozen', `${formatTime(at)} by ${by}`],
  ['frozen name', name],
  ['frozen because', description],
];
