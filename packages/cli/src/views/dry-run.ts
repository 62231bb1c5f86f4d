import type { DryRun } from '@cpm/contract';
import type { GlobalOptions } from '../surroundings.ts';
import { counted } from '../terminal/counted.ts';
import type { Column, Printer } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { formatTime } from '../terminal/time.ts';
import { visible } from '../terminal/visible.ts';

type Call = DryRun['calls'][number];

const callColumns: readonly Column<Call>[] = [
  ['CALL', (call) => call.action],
  ['REGION', (call) => call.region],
  ['RESOURCE', (call) => call.resourceId],
  ['NAME', (call) => call.resourceName],
  ['VOLUMES', (call) => call.volumes.join(', ')],
];

const deletionColumns: readonly Column<DryRun['deletions'][number]>[] = [
  ['DELETES THE BACKUP OF', (deletion) => formatTime(deletion.startedAt)],
  ['SNAPSHOTS', (deletion) => deletion.snapshots],
  ['REASON', (deletion) => deletion.reason],
  ['BACKUP', (deletion) => deletion.backupId],
];

/** Shows what a backup would do, part by part; parts without anything are left out. With quiet: whom it would snapshot. */
export function printDryRun(print: Printer, global: GlobalOptions, dryRun: DryRun): void {
  if (global.output === 'json') return print.json(dryRun);
  if (global.quiet) return print.lines(dryRun.calls.map((call) => visible(call.resourceId)));
  const { calls, snapshots, scripts, missing, notes, deletions } = dryRun;
  const parts = [
    [visible(`${counted(calls.length, 'call')}, ${counted(snapshots, 'snapshot')}`), ...tableOf(calls, callColumns)],
    scripts.map(({ step, text }) => visible(`${step}: ${text}`)),
    missing.map((text) => visible(`missing: ${text}`)),
    notes.map((text) => visible(`note: ${text}`)),
    tableOf(deletions, deletionColumns),
  ].filter((lines) => lines.length > 0);
  print.lines(parts.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])));
}

function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  if (rows.length === 0) return [];
  const headings = columns.map(([heading]) => heading);
  const cells = rows.map((row) => columns.map(([, cell]) => cell(row)));
  return formatTable(headings, cells);
}
