import type { Recovery } from '@cpm/contract';
import type { Column, Field, Printer } from '../terminal/print.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';

export const recoveryColumns: readonly Column<Recovery>[] = [
  ['STARTED', (recovery) => formatTime(recovery.startedAt)],
  ['KIND', (recovery) => recovery.kind],
  ['SOURCE', (recovery) => recovery.sourceName],
  ['POLICY', (recovery) => recovery.policyName],
  ['REGION', (recovery) => recovery.region],
  ['STATUS', (recovery) => recovery.statusText],
  ['MADE', (recovery) => madeIds(recovery)],
  ['ID', (recovery) => recovery.id],
];

/** Shows one recovery with everything it made. */
export function printRecovery(print: Printer, recovery: Recovery): void {
  print.one(recovery, fieldsOf(recovery), recovery.id);
}

/** What a running recovery is doing, for the progress line. */
export function describeRecovery(recovery: Recovery): string {
  return `${recovery.sourceName}: ${recovery.step}`;
}

function fieldsOf(recovery: Recovery): readonly Field[] {
  return [
    ['id', recovery.id],
    ['kind', recovery.kind],
    ['source', recovery.sourceName],
    ['policy', recovery.policyName],
    ['account', recovery.accountName],
    ['region', recovery.region],
    ['status', recovery.statusText],
    ['reasons', recovery.reasons],
    ['warnings', recovery.warnings],
    ...(recovery.status === 'in-progress' ? [['step', recovery.step] as const] : []),
    ['started', formatTime(recovery.startedAt)],
    ['ended', formatTimeOrNone(recovery.endedAt)],
    ['made', recovery.objects.filter(({ role }) => role === 'made').map(describeObject)],
    ['replaced', recovery.objects.filter(({ role }) => role === 'replaced').map(describeObject)],
    ['roll back', describeRollBack(recovery)],
    ['backup', recovery.backupId],
  ];
}

/** One thing that rolling back deletes or puts back. */
export const describeUndone = ({ action, kind, name, note }: Recovery['rollBack']['objects'][number]): string =>
  `${action === 'delete' ? 'deletes' : 'changes'} ${kind} ${name}${note === '' ? '' : `: ${note}`}`;

function describeRollBack({ rollBack: { state, reasons, objects } }: Recovery): readonly string[] {
  return [[state, ...reasons].join(': '), ...(state === 'kept' ? [] : objects.map(describeUndone))];
}

function describeObject({ kind, awsId, state, note }: Recovery['objects'][number]): string {
  return `${kind} ${awsId ?? '(no id yet)'}: ${state}${note === '' ? '' : `, ${note}`}`;
}

function madeIds(recovery: Recovery): string {
  const kept = recovery.objects.filter(
    ({ role, state, kind }) => role === 'made' && state === 'kept' && kind !== 'attachment',
  );
  return kept.map((object) => object.awsId ?? '').join(', ');
}
