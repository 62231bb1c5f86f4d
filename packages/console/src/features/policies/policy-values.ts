import type { Policy } from '@cpm/contract';
import { POLICY_DEFAULTS, SCRIPT_STEPS, validatePolicy, type ScriptStep } from '@cpm/core';
import type { FieldProblem } from '../../ui/form.tsx';

/** A number field holds a text while it is being typed, and the empty text when nothing is in it. */
type Typed = number | string;

/** What the policy form holds. */
export type PolicyValues = {
  readonly name: string;
  readonly description: string;
  readonly accountId: string;
  readonly generations: Typed;
  readonly autoTargetRemoval: Policy['autoTargetRemoval'];
  readonly enabled: boolean;
  readonly scheduleIds: string[];
  readonly successRule: Policy['successRule'];
  readonly retries: Typed;
  readonly retryWaitMinutes: Typed;
  readonly copySourceTags: boolean;
  readonly scripts: {
    readonly runner: Policy['scripts']['runner'];
    readonly timeoutSeconds: Typed;
    readonly collectOutput: boolean;
    readonly ssm: Record<ScriptStep, string> & { readonly instanceIds: string[] };
  };
};

const NO_COMMANDS = { before: '', after: '', complete: '', instanceIds: [] };

export const NEW_POLICY: PolicyValues = {
  ...POLICY_DEFAULTS,
  name: '',
  accountId: '',
  scheduleIds: [],
  scripts: { ...POLICY_DEFAULTS.scripts, ssm: NO_COMMANDS },
};

/** What the form shows of a policy. */
export function valuesOf(policy: Policy): PolicyValues {
  const { name, description, account, generations, autoTargetRemoval, enabled, schedules, scripts } = policy;
  const { successRule, retries, retryWaitMinutes, copySourceTags } = policy;
  return {
    name,
    description,
    accountId: account.id,
    generations,
    autoTargetRemoval,
    enabled,
    scheduleIds: schedules.map(({ id }) => id),
    successRule,
    retries,
    retryWaitMinutes,
    copySourceTags,
    scripts: { ...scripts, ssm: scripts.ssm ?? NO_COMMANDS },
  };
}

const numberOf = (typed: Typed): number => (typed === '' ? Number.NaN : Number(typed));

/** What the API takes for it, apart from the account. */
export function bodyOf({ accountId: _separate, scripts, ...values }: PolicyValues) {
  return {
    ...values,
    generations: numberOf(values.generations),
    retries: numberOf(values.retries),
    retryWaitMinutes: numberOf(values.retryWaitMinutes),
    scripts: {
      ...scripts,
      timeoutSeconds: numberOf(scripts.timeoutSeconds),
      ssm: scripts.runner === 'ssm' ? scripts.ssm : null,
    },
  };
}

/** All that core's rules object to, and a missing account. */
export function problemsOf(values: PolicyValues): FieldProblem[] {
  const problems = validatePolicy(bodyOf(values)).map(withFormPath);
  return values.accountId === '' ? [...problems, { path: 'accountId', message: 'choose an account' }] : problems;
}

/** Puts an objection to one of several instances beside the field that holds them all. */
export function withFormPath({ path, message }: FieldProblem): FieldProblem {
  return path.startsWith('scripts.ssm.instanceIds') ? { path: 'scripts.ssm.instanceIds', message } : { path, message };
}

/** What each step is called. */
export const STEP_NAMES: Record<ScriptStep, string> = {
  before: 'Before the snapshots',
  after: 'After the snapshots were started',
  complete: 'When all is complete',
};

const FIELD_NAMES: Record<string, string> = {
  name: 'Name',
  description: 'Description',
  accountId: 'Account',
  generations: 'Generations to keep',
  autoTargetRemoval: 'When a target is gone',
  scheduleIds: 'Schedules',
  successRule: 'A backup is successful when',
  retries: 'Retries',
  retryWaitMinutes: 'Minutes between retries',
  'scripts.runner': 'Scripts',
  'scripts.timeoutSeconds': 'Seconds a script may run',
  'scripts.ssm': 'Commands',
  'scripts.ssm.instanceIds': 'Instances',
  ...Object.fromEntries(SCRIPT_STEPS.map((step) => [`scripts.ssm.${step}`, STEP_NAMES[step]])),
};

/** What a field is called on the screen. */
export const nameOfField = (path: string): string => FIELD_NAMES[path] ?? path;
