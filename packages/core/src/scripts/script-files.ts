import type { Role } from '../access/permissions.ts';
import { isUuid } from '../ids.ts';
import { SCRIPT_STEPS, type ScriptStep } from '../policy/policy.ts';

const SAFE_FOLDER = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * The folder below `scripts/` that holds a user's scripts (SCR-1): none ('') for root, the user's name for others. A name
 * that could be read as a path, a device or another user's id gives way to the user's own id (S41).
 */
export function scriptFolderOf(owner: { readonly id: string; readonly name: string; readonly kind: Role }): string {
  if (owner.kind === 'root') return '';
  const isSafe = SAFE_FOLDER.test(owner.name) && !WINDOWS_DEVICE.test(owner.name) && !isUuid(owner.name.toLowerCase());
  return isSafe ? owner.name : owner.id;
}

/**
 * Which of a folder's files are the policy's, for each step (SCR-1, guide 7.2.1): `before_<policy>` with any addition. Of the
 * owner's policies the longest name that fits owns a file. A number is never cut: `before_policy10` is not policy1's,
 * whether there is a policy10 or not. More than one file for a step is for the caller to refuse.
 */
export function scriptFilesOf(
  policyName: string,
  { fileNames, policyNames }: { readonly fileNames: readonly string[]; readonly policyNames: readonly string[] },
): Readonly<Record<ScriptStep, readonly string[]>> {
  const names = [...new Set([policyName, ...policyNames])].toSorted((a, b) => b.length - a.length);
  const ownerOf = (rest: string) => names.find((name) => isNamedAfter(rest, name));
  const of = (step: ScriptStep) =>
    fileNames
      .filter((file) => file.startsWith(`${step}_`) && ownerOf(file.slice(step.length + 1)) === policyName)
      .toSorted();
  return { before: of('before'), after: of('after'), complete: of('complete') } satisfies Record<
    (typeof SCRIPT_STEPS)[number],
    string[]
  >;
}

function isNamedAfter(rest: string, policyName: string): boolean {
  if (!rest.startsWith(policyName)) return false;
  return !(/\d$/.test(policyName) && /^\d/.test(rest.slice(policyName.length)));
}
