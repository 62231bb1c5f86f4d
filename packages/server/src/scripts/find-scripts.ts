import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { SCRIPT_STEPS, scriptFilesOf, scriptFolderOf, type Role, type ScriptStep } from '@cpm/core';
import { printable } from './bounded-output.ts';
import { mayExecute, type ScriptAccount } from './script-account.ts';

/** A step's script, or why there is none that can run. */
export type FoundScript =
  | { readonly step: ScriptStep; readonly file: string; readonly problem: null }
  | { readonly step: ScriptStep; readonly file: null; readonly problem: string };

export type FoundScripts = {
  /** Where this owner's scripts belong. */
  readonly directory: string;
  readonly steps: Readonly<Record<ScriptStep, FoundScript>>;
};

export type ScriptsWanted = {
  /** `<data>/scripts`. */
  readonly scriptsDir: string;
  /** Whom the scripts will run as; null: the server's own user. */
  readonly account: ScriptAccount | null;
  readonly owner: { readonly id: string; readonly name: string; readonly kind: Role };
  readonly policyName: string;
  /** Of all the owner's policies. */
  readonly policyNames: readonly string[];
};

/** Looks for a policy's three scripts on the server (SCR-1, S41). Never throws: what stands in the way is told at each step. */
export async function findScripts(wanted: ScriptsWanted): Promise<FoundScripts> {
  const { scriptsDir, owner, policyName, policyNames } = wanted;
  const directory = path.join(scriptsDir, scriptFolderOf(owner));
  const listed = await listFiles(directory, wanted);
  const find = async (step: ScriptStep): Promise<FoundScript> => {
    if ('problem' in listed) return { step, file: null, problem: listed.problem };
    const files = scriptFilesOf(policyName, { fileNames: listed.fileNames, policyNames })[step];
    const [fileName, ...others] = files;
    if (fileName === undefined) {
      const folders = scriptFilesOf(policyName, { fileNames: listed.folderNames, policyNames })[step];
      const instead = folders.length > 0 ? `; ${quoted(folders)} is a directory` : '';
      return { step, file: null, problem: `no script ${step}_${policyName} in ${directory}${instead}` };
    }
    if (others.length > 0) {
      const problem = `more than one script ${step}_${policyName} in ${directory}: ${quoted(files)}; leave one of them`;
      return { step, file: null, problem };
    }
    const file = path.join(directory, fileName);
    const problem = await whyNotRunnable(file, wanted);
    return problem === null
      ? { step, file, problem }
      : { step, file: null, problem: `${quoted([fileName])} ${problem}` };
  };
  const [before, after, complete] = await Promise.all(SCRIPT_STEPS.map(find));
  return { directory, steps: { before, after, complete } as FoundScripts['steps'] };
}

/** Names are strangers' text: quoted, and without what a terminal would act on. */
const quoted = (names: readonly string[]) =>
  names.map((name) => `"${printable(Buffer.from(name)).replaceAll('\n', '\u240a')}"`).join(', ');

type Listed =
  | { readonly fileNames: readonly string[]; readonly folderNames: readonly string[] }
  | { readonly problem: string };

async function listFiles(directory: string, { scriptsDir, owner, account }: ScriptsWanted): Promise<Listed> {
  // A server that runs as root lends its rights to nobody but root's own policies (S44).
  if (account === null && owner.kind !== 'root' && process.geteuid?.() === 0) {
    const advice = 'name a user without rights in the setting CPM_SCRIPT_USER';
    return { problem: `this server runs as root, and only root's own scripts may run so: ${advice}` };
  }
  try {
    // The owner's folder itself must not be a link to another's; where `scripts` lies is the operator's own choice.
    const expected = path.join(await realpath(scriptsDir), path.relative(scriptsDir, directory));
    if ((await realpath(directory)) !== expected) return { problem: `${directory} is a link, which is not followed` };
    if (anybodyMayWrite((await stat(directory)).mode)) return { problem: `anybody may write into ${directory}` };
    const entries = await readdir(directory, { withFileTypes: true });
    const namesOf = (areFolders: boolean) =>
      entries.filter((entry) => entry.isDirectory() === areFolders).map(({ name }) => name);
    return { fileNames: namesOf(false), folderNames: namesOf(true) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { problem: `there is no directory ${directory}` };
    return { problem: `${directory} cannot be read (${code ?? String(error)})` };
  }
}

/** Null when the file can be run by whom it will run as; else what is wrong with it, to follow its name. */
async function whyNotRunnable(file: string, { account }: ScriptsWanted): Promise<string | null> {
  try {
    const directory = await realpath(path.dirname(file));
    const real = await realpath(file);
    if (!real.startsWith(directory + path.sep)) return 'is a link that leads out of the scripts directory';
    const facts = await stat(file);
    if (!facts.isFile()) return 'is no file';
    if (anybodyMayWrite(facts.mode)) return 'can be changed by anybody: chmod o-w';
    if (!mayExecute(facts, account)) {
      return account === null ? 'is not executable: chmod +x' : `is not executable for the user ${account.name}`;
    }
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isLink = await lstat(file).then(
      (seen) => seen.isSymbolicLink(),
      () => false,
    );
    if (code === 'ENOENT' && isLink) return 'is a link to nothing';
    return `cannot be read (${code ?? String(error)})`;
  }
}

const anybodyMayWrite = (mode: number): boolean => process.platform !== 'win32' && (mode & 0o002) !== 0;
