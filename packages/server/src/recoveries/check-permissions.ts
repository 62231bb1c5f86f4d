import { actionsOf, type AwsMethod, type DryRunCall } from '@cpm/aws/port';
import {
  isCpmError,
  missingPolicy,
  permissionQuestions,
  principalOf,
  type Found,
  type PermissionQuestion,
  type Principal,
} from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import type { RecoveryAccess } from './recovery-access.ts';
import type { RecoveryUses } from './recovery-uses.ts';

export type PermissionsFound = {
  readonly found: readonly Found[];
  /** An IAM policy with exactly what is missing; null where nothing is known to be. */
  readonly missingPermissions: Record<string, unknown> | null;
};

/**
 * Whether the credentials may do all that the recovery does: proven by dry runs where EC2 has them, for the rest told by IAM's
 * own simulation of their policies. What cannot be told is a warning.
 */
export async function checkPermissions(access: RecoveryAccess, uses: RecoveryUses): Promise<PermissionsFound> {
  const dryRuns = uses.dryRuns ?? [];
  const [proven, roles] = await Promise.all([runDry(access, dryRuns), rolesToPass(access, uses)]);
  const isPassing = uses.instanceProfileArn !== undefined && uses.instanceProfileArn !== null;
  const actions = actionsOf(uses.methods.filter((method) => !proven.methods.has(method))).filter(
    (action) => !proven.denied.includes(action) && (action !== 'iam:PassRole' || isPassing),
  );
  const told = await simulate(access, { actions, uses, roleArns: roles.arns });
  const missing = [...new Set([...proven.denied, ...told.denied])];
  return {
    found: [missingFound(missing), ...roles.found, ...told.found],
    missingPermissions: missingPolicy(missing, roles.arns),
  };
}

/** The actions that are missing, each with the statement that allows it. */
export const missingFound = (missing: readonly string[]): Found => ({
  name: 'permissions',
  fails: missing.map((action) => ({
    path: '',
    message: `the credentials are not allowed to call ${action}`,
    fix: `Add to their IAM policy: ${JSON.stringify({ Effect: 'Allow', Action: [action], Resource: '*' })}`,
  })),
});

type Proven = { readonly methods: ReadonlySet<AwsMethod>; readonly denied: readonly string[] };

/** The methods of which a dry run was allowed need no other look; a denial names one action, and hides what else is missing. */
async function runDry({ ec2 }: RecoveryAccess, calls: readonly DryRunCall[]): Promise<Proven> {
  const answers = await Promise.all(
    calls.map(async (call) => ({ method: `ec2.${call.method}` as const, told: await ec2.dryRun(call) })),
  );
  const denied = answers.flatMap(({ told }) => (told.answer === 'denied' ? [told.missingPermission] : []));
  const doubtful = new Set(answers.filter(({ told }) => told.answer !== 'allowed').map(({ method }) => method));
  const methods = new Set(answers.map(({ method }) => method).filter((method) => !doubtful.has(method)));
  return { methods, denied };
}

type Roles = { readonly arns: readonly string[]; readonly found: readonly Found[] };

/** The roles in the instance profile: whoever launches must be allowed to pass them. */
async function rolesToPass({ iam }: RecoveryAccess, { instanceProfileArn }: RecoveryUses): Promise<Roles> {
  if (instanceProfileArn === undefined || instanceProfileArn === null) return { arns: [], found: [] };
  try {
    const arns = await iam.findProfileRoles(instanceProfileArn.split('/').at(-1) ?? '');
    if (arns !== null) return { arns, found: [] };
    const message = `there is no instance profile ${instanceProfileArn}`;
    const fails = [{ path: 'instanceProfileArn', message, fix: 'Name another one, or launch without.' }];
    return { arns: [], found: [{ name: 'launch', fails }] };
  } catch (error) {
    return { arns: [], found: [unchecked(error, ['iam:PassRole'])] };
  }
}

type ToSimulate = {
  readonly actions: readonly string[];
  readonly uses: RecoveryUses;
  readonly roleArns: readonly string[];
};
type Told = { readonly denied: readonly string[]; readonly found: readonly Found[] };

async function simulate(access: RecoveryAccess, { actions, uses, roleArns }: ToSimulate): Promise<Told> {
  const { accountId, arn } = await access.sts.callerIdentity();
  const principal = principalOf(arn);
  // The account's root may do everything, and IAM has no policies of it.
  if (actions.length === 0 || principal.kind === 'root') return { denied: [], found: [] };
  const questions = permissionQuestions({
    actions,
    accountId,
    partition: arn.split(':')[1] ?? 'aws',
    region: access.region,
    resourceIds: uses.resourceIds ?? {},
    passedRoleArns: roleArns,
  });
  try {
    const answers = await ask(access, principal, questions);
    const isUnclear = ({ decision, missingContext }: Answer) =>
      decision === 'implicitDeny' && missingContext.length > 0;
    const refused = answers.filter(({ decision }) => decision !== 'allowed');
    const denied = new Set(refused.filter((each) => !isUnclear(each)).map(({ action }) => action));
    const unclear = new Map(refused.filter(({ action }) => !denied.has(action)).map((each) => [each.action, each]));
    return { denied: [...denied], found: unclear.size === 0 ? [] : [unclearFound([...unclear.values()])] };
  } catch (error) {
    return { denied: [], found: [unchecked(error, actions)] };
  }
}

type Answer = { readonly action: string; readonly decision: string; readonly missingContext: readonly string[] };

async function ask(
  { iam }: RecoveryAccess,
  principal: Principal,
  questions: readonly PermissionQuestion[],
): Promise<readonly Answer[]> {
  if (principal.kind !== 'user' && principal.kind !== 'role') throw unsimulated();
  const askAs = (principalArn: string) =>
    Promise.all(questions.map((question) => iam.simulate({ principalArn, ...question })));
  try {
    return (await askAs(principal.arn)).flat();
  } catch (error) {
    // The ARN of a session leaves the path of its role out.
    const isRoleWithPath = principal.kind === 'role' && isCpmError(error) && error.class === 'missing';
    const arn = isRoleWithPath ? await iam.findRoleArn(principal.name) : null;
    if (arn === null) throw error;
    return (await askAs(arn)).flat();
  }
}

class Unsimulated extends Error {}
const unsimulated = () => new Unsimulated('IAM can simulate users and roles only');

const unclearFound = (answers: readonly Answer[]): Found => ({
  name: 'permissions',
  warns: answers.map(({ action, missingContext }) => ({
    path: '',
    message: `whether ${action} is allowed depends on conditions: ${missingContext.join(', ')}`,
  })),
});

/** What IAM did not tell is a warning; what would let it be told is its fix. */
function unchecked(error: unknown, actions: readonly string[]): Found {
  const message = (why: string) => `whether these are allowed could not be checked: ${actions.join(', ')} (${why})`;
  if (error instanceof Unsimulated)
    return { name: 'permissions', warns: [{ path: '', message: message(error.message) }] };
  if (!isCpmError(error) || error.code === 'shutting_down') throw error;
  const fix = error.code === 'aws_denied' ? `Allow ${error.aws?.action ?? 'it'} to have it checked.` : undefined;
  return { name: 'permissions', warns: [{ path: '', message: message(describeError(error)), fix }] };
}
