import type { RecoveryPlan } from '@cpm/contract';
import type { GlobalOptions } from '../surroundings.ts';
import { counted } from '../terminal/counted.ts';
import type { Column, Printer } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { visible } from '../terminal/visible.ts';

type Row = { readonly check: string; readonly result: string; readonly finding: string; readonly fix: string };

const checkColumns: readonly Column<Row>[] = [
  ['CHECK', ({ check }) => check],
  ['RESULT', ({ result }) => result],
  ['FINDING', ({ finding }) => finding],
  ['FIX', ({ fix }) => fix],
];

const objectColumns: readonly Column<RecoveryPlan['objects'][number]>[] = [
  ['WOULD', ({ action }) => action],
  ['KIND', ({ kind }) => kind],
  ['NAME', ({ name }) => name],
  ['NOTE', ({ note }) => note],
];

/** Shows what was checked and what would be done, part by part; parts without anything are left out. With quiet: what failed. */
export function printRecoveryPlan(print: Printer, global: GlobalOptions, plan: RecoveryPlan): void {
  if (global.output === 'json') return print.json(plan);
  const failed = plan.checks.filter(({ result }) => result === 'fail');
  if (global.quiet) return print.lines(failed.map(({ name }) => visible(name)));
  const verdict = plan.canStart
    ? 'The recovery can start; nothing was made.'
    : `The recovery cannot start: ${counted(failed.length, 'check')} failed. Nothing was made.`;
  const { missingPermissions } = plan;
  const parts = [
    [verdict],
    tableOf(plan.checks.flatMap(rowsOf), checkColumns),
    tableOf(plan.objects, objectColumns),
    plan.steps.map((text, index) => visible(`step ${index + 1}: ${text}`)),
    plan.warnings.map((text) => visible(`will differ: ${text}`)),
    missingPermissions === null
      ? []
      : [
          'This IAM policy holds what is missing:',
          ...JSON.stringify(missingPermissions, null, 2).split('\n').map(visible),
        ],
  ].filter((lines) => lines.length > 0);
  print.lines(parts.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])));
}

/** A row for each finding of a check, or one for a check that found nothing. */
function rowsOf({ name, result, findings }: RecoveryPlan['checks'][number]): Row[] {
  if (findings.length === 0) return [{ check: name, result, finding: '', fix: '' }];
  return findings.map(({ path, message, result: own, fix }) => ({
    check: name,
    result: own === 'fail' ? 'FAIL' : own,
    finding: path === '' ? message : `${path}: ${message}`,
    fix: fix ?? '',
  }));
}

function tableOf<Each>(rows: readonly Each[], columns: readonly Column<Each>[]): string[] {
  if (rows.length === 0) return [];
  const headings = columns.map(([heading]) => heading);
  return formatTable(
    headings,
    rows.map((row) => columns.map(([, cell]) => cell(row))),
  );
}
