import type { Policy, Target } from '@cpm/contract';
import { SCRIPT_STEPS } from '@cpm/core';
import type { Column, Field, Printer } from '../terminal/print.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';

export const policyColumns: readonly Column<Policy>[] = [
  ['NAME', (policy) => policy.name],
  ['ACCOUNT', (policy) => policy.account.name],
  ['ENABLED', (policy) => policy.enabled],
  ['TARGETS', (policy) => policy.targetCount],
  ['SCHEDULES', (policy) => policy.schedules.map((schedule) => schedule.name).join(', ')],
  ['KEEPS', (policy) => policy.generations],
  ['LAST BACKUP', (policy) => lastBackupOf(policy)],
  ['LAST RECOVERY', (policy) => lastRecoveryOf(policy)],
  ['OVERDUE', (policy) => policy.overdue !== null],
  ['NEXT', (policy) => formatTimeOrNone(policy.nextFiringAt)],
  ['ID', (policy) => policy.id],
];

export const targetColumns: readonly Column<Target>[] = [
  ['RESOURCE', (target) => target.resourceId],
  ['NAME', (target) => target.resourceName],
  ['KIND', (target) => target.kind],
  ['REGION', (target) => target.region],
  ['VOLUMES', (target) => volumesOf(target)],
  ['ADDED', (target) => formatTime(target.addedAt)],
  ['ID', (target) => target.id],
];

/** Shows one policy. */
export function printPolicy(print: Printer, policy: Policy): void {
  print.one(policy, fieldsOf(policy), policy.id);
}

/** Shows one target. */
export function printTarget(print: Printer, target: Target): void {
  const fields: readonly Field[] = [
    ['id', target.id],
    ['resource', target.resourceId],
    ['name', target.resourceName],
    ['kind', target.kind],
    ['region', target.region],
    ['volumes', volumesOf(target)],
    ['added', formatTime(target.addedAt)],
  ];
  print.one(target, fields, target.id);
}

function fieldsOf(policy: Policy): readonly Field[] {
  return [
    ['id', policy.id],
    ['name', policy.name],
    ['description', policy.description],
    ['account', policy.account.name],
    ['enabled', policy.enabled],
    ['generations to save', policy.generations],
    ['auto target removal', policy.autoTargetRemoval],
    ['successful when', policy.successRule],
    ['retries', policy.retries === 0 ? 0 : `${policy.retries}, ${policy.retryWaitMinutes} minutes after an end`],
    ...scriptFields(policy.scripts),
    ['copy source tags', policy.copySourceTags],
    ['schedules', policy.schedules.map(({ name, warning }) => (warning === null ? name : `${name}: ${warning}`))],
    ['targets', policy.targetCount],
    ['last backup', lastBackupOf(policy)],
    ['last recovery', lastRecoveryOf(policy)],
    ['overdue', policy.overdue === null ? null : `since ${formatTime(policy.overdue.dueAt)}: ${policy.overdue.reason}`],
    ['next retry', formatTimeOrNone(policy.waitingRetryAt)],
    ['next firing', formatTimeOrNone(policy.nextFiringAt)],
    ['created', formatTime(policy.createdAt)],
    ['warnings', policy.warnings],
  ];
}

function scriptFields({ runner, timeoutSeconds, collectOutput, ssm }: Policy['scripts']): Field[] {
  if (runner === 'none') return [['scripts', runner]];
  const common: Field[] = [
    ['scripts', runner],
    ['script time-out', `${timeoutSeconds} s`],
    ['collect output', collectOutput],
  ];
  if (runner !== 'ssm' || ssm === null) return common;
  return [
    ...common,
    ...SCRIPT_STEPS.map((step): Field => [`SSM ${step}`, linesOf(ssm[step])]),
    ['SSM instances', ssm.instanceIds.length === 0 ? 'all' : ssm.instanceIds],
  ];
}

const linesOf = (commands: string) => (commands === '' ? [] : commands.trimEnd().split('\n'));

const lastBackupOf = ({ lastBackup }: Policy): string | null => describeRun(lastBackup);
const lastRecoveryOf = ({ lastRecovery }: Policy): string | null => describeRun(lastRecovery);

function describeRun(run: Policy['lastBackup']): string | null {
  return run === null ? null : `${run.statusText}, ${formatTime(run.startedAt)}`;
}

function volumesOf({ volumes }: Target): string | null {
  if (volumes === null) return null;
  return volumes.take === 'some' ? volumes.volumeIds.join(', ') : volumes.take;
}
