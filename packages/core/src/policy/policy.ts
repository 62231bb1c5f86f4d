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
  readonly scheduleIds: readonly ScheduleId[];
};

/** What a new policy gets where nothing else is said (guide 4.2.1, 4.2.3). */
export const POLICY_DEFAULTS = {
  description: '',
  enabled: true,
  generations: 30,
  autoTargetRemoval: 'no',
  successRule: 'no-issues',
} as const satisfies Partial<Policy>;

export const MOST_GENERATIONS = 100_000;
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
};

/** All that is wrong with a policy's own fields (POL-1), each with its path; targets have their own check. */
export function validatePolicy(input: PolicyInput): FieldError[] {
  const errors: FieldError[] = [];
  const nameError = validatePolicyName(input.name);
  if (nameError !== null) errors.push({ path: 'name', message: nameError });
  if ((input.description ?? '').length > 1000) {
    errors.push({ path: 'description', message: 'must have at most 1,000 characters' });
  }
  const generations = input.generations ?? POLICY_DEFAULTS.generations;
  if (!Number.isInteger(generations) || generations < 1 || generations > MOST_GENERATIONS) {
    errors.push({ path: 'generations', message: `must be a whole number from 1 to ${MOST_GENERATIONS}` });
  }
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
