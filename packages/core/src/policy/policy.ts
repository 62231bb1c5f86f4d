import { isEc2Id } from '../aws-names.ts';
import type { FieldError } from '../errors.ts';
import type { AccountId, Brand, PolicyId, ScheduleId, UserId } from '../ids.ts';

/** Names script files and is written in tags, so it holds nothing that a file system, a shell or AWS reads otherwise. */
export type PolicyName = Brand<string, 'PolicyName'>;

export const AUTO_TARGET_REMOVALS = ['no', 'yes', 'yes-and-alert'] as const;
/** What a backup does with a target that no longer exists (POL-3). */
export type AutoTargetRemoval = (typeof AUTO_TARGET_REMOVALS)[number];

export const SUCCESS_RULES = ['no-issues', 'snapshots-succeed'] as const;
/** When a backup counts as good (POL-4): only without any issue, or even if scripts or VSS failed. */
export type SuccessRule = (typeof SUCCESS_RULES)[number];

export const SCRIPT_RUNNERS = ['none', 'server', 'ssm'] as const;
/** Where a policy's scripts run: nowhere, on CPM's server, or on its instances through AWS Systems Manager (SCR-6). */
export type ScriptRunner = (typeof SCRIPT_RUNNERS)[number];

export const SCRIPT_STEPS = ['before', 'after', 'complete'] as const;
export type ScriptStep = (typeof SCRIPT_STEPS)[number];

/** What Systems Manager runs at each step; an empty text is a step that is not asked for. */
export type SsmCommands = Readonly<Record<ScriptStep, string>> & {
  /** Which of the policy's instances; empty: all of them. */
  readonly instanceIds: readonly string[];
};

/** The scripts of a policy (POL-4, SCR-1 to SCR-6). */
export type PolicyScripts = {
  readonly runner: ScriptRunner;
  /** After so many seconds a script is ended and has failed. */
  readonly timeoutSeconds: number;
  /** Whether what a script writes to its standard error is kept with the backup. */
  readonly collectOutput: boolean;
  readonly ssm: SsmCommands | null;
};

export type Policy = {
  readonly id: PolicyId;
  readonly ownerId: UserId;
  /** Fixed once the policy is created. */
  readonly accountId: AccountId;
  readonly name: PolicyName;
  readonly description: string;
  readonly enabled: boolean;
  /** How many good backups are kept. */
  readonly generations: number;
  readonly autoTargetRemoval: AutoTargetRemoval;
  readonly successRule: SuccessRule;
  /** How often a backup that did not succeed is tried again, each a backup of its own (POL-5). */
  readonly retries: number;
  readonly retryWaitMinutes: number;
  readonly scripts: PolicyScripts;
  /** Whether a snapshot carries its source's own tags beside CPM's (BKP-3). */
  readonly copySourceTags: boolean;
  readonly scheduleIds: readonly ScheduleId[];
};

/** What a new policy gets where nothing else is said (guide 4.2.1, 4.2.3). */
export const POLICY_DEFAULTS = {
  description: '',
  enabled: true,
  generations: 30,
  autoTargetRemoval: 'no',
  successRule: 'no-issues',
  retries: 3,
  retryWaitMinutes: 10,
  scripts: { runner: 'none', timeoutSeconds: 30, collectOutput: false, ssm: null },
  copySourceTags: false,
} as const satisfies Partial<Policy>;

export const MOST_GENERATIONS = 100_000;
export const MOST_RETRIES = 100;
export const LONGEST_RETRY_WAIT_MINUTES = 24 * 60;
/** An application that stays frozen longer than this is not being backed up but stopped. */
export const LONGEST_SCRIPT_SECONDS = 24 * 3600;
export const LONGEST_COMMANDS = 16_000;
const POLICY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What is wrong with a policy's name (POL-1); null when it can be used. */
export function validatePolicyName(name: string): string | null {
  if (!POLICY_NAME.test(name)) {
    return 'must have 1 to 64 letters, digits, dots, dashes or underscores and begin with a letter or digit';
  }
  if (name === 'no-backup') return '"no-backup" is reserved: as a tag it takes a resource out of all policies';
  if (name.toLowerCase() === 'cpmdata') return `"${name}" is reserved for the backup of CPM's own data`;
  return null;
}

/** Makes a policy name; null when `validatePolicyName` objects. */
export function parsePolicyName(name: string): PolicyName | null {
  return validatePolicyName(name) === null ? (name as PolicyName) : null;
}

export type PolicyInput = {
  readonly name: string;
  readonly description?: string | undefined;
  readonly generations?: number | undefined;
  readonly autoTargetRemoval?: string | undefined;
  readonly successRule?: string | undefined;
  readonly retries?: number | undefined;
  readonly retryWaitMinutes?: number | undefined;
  readonly scripts?: PolicyScripts | undefined;
};

/** All that is wrong with a policy's own fields (POL-1), each with its path; targets have their own check. */
export function validatePolicy(input: PolicyInput): FieldError[] {
  const errors: FieldError[] = [];
  const nameError = validatePolicyName(input.name);
  if (nameError !== null) errors.push({ path: 'name', message: nameError });
  if ((input.description ?? '').length > 1000) {
    errors.push({ path: 'description', message: 'must have at most 1,000 characters' });
  }
  errors.push(...outOfRange('generations', input.generations ?? POLICY_DEFAULTS.generations, [1, MOST_GENERATIONS]));
  errors.push(
    ...outOfRange('retries', input.retries ?? POLICY_DEFAULTS.retries, [0, MOST_RETRIES]),
    ...outOfRange('retryWaitMinutes', input.retryWaitMinutes ?? POLICY_DEFAULTS.retryWaitMinutes, [
      1,
      LONGEST_RETRY_WAIT_MINUTES,
    ]),
    ...validateScripts(input.scripts ?? POLICY_DEFAULTS.scripts),
  );
  const removal: string = input.autoTargetRemoval ?? POLICY_DEFAULTS.autoTargetRemoval;
  if (!(AUTO_TARGET_REMOVALS as readonly string[]).includes(removal)) {
    errors.push({ path: 'autoTargetRemoval', message: `must be one of ${AUTO_TARGET_REMOVALS.join(', ')}` });
  }
  const successRule: string = input.successRule ?? POLICY_DEFAULTS.successRule;
  if (!(SUCCESS_RULES as readonly string[]).includes(successRule)) {
    errors.push({ path: 'successRule', message: `must be one of ${SUCCESS_RULES.join(', ')}` });
  }
  return errors;
}

function outOfRange(path: string, value: number, [least, most]: readonly [number, number]): FieldError[] {
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [{ path, message: `must be a whole number from ${least} to ${most}` }];
}

function validateScripts({ runner, timeoutSeconds, ssm }: PolicyScripts): FieldError[] {
  const errors = outOfRange('scripts.timeoutSeconds', timeoutSeconds, [1, LONGEST_SCRIPT_SECONDS]);
  if (!(SCRIPT_RUNNERS as readonly string[]).includes(runner)) {
    errors.push({ path: 'scripts.runner', message: `must be one of ${SCRIPT_RUNNERS.join(', ')}` });
  }
  if (runner !== 'ssm') return errors;
  if (ssm === null || SCRIPT_STEPS.every((step) => ssm[step].trim() === '')) {
    return [...errors, { path: 'scripts.ssm', message: 'say what runs before, after or on completion' }];
  }
  for (const step of SCRIPT_STEPS) {
    if (ssm[step].length > LONGEST_COMMANDS)
      errors.push({ path: `scripts.ssm.${step}`, message: `must have at most ${LONGEST_COMMANDS} characters` });
  }
  const wrong = ssm.instanceIds.findIndex((instanceId) => !isEc2Id('i', instanceId));
  if (wrong >= 0) errors.push({ path: `scripts.ssm.instanceIds.${wrong}`, message: 'is no instance id' });
  return errors;
}
