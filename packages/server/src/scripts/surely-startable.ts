import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { mayExecute, type ScriptAccount } from './script-account.ts';

/** As much as Linux looks at. */
const HEAD_BYTES = 256;

/**
 * Whether the kernel will start this file as whom it is to run, as far as can be seen in some ten microseconds. False leaves it
 * to the kernel's own answer, which Node hears: a program that is to become the script can only answer an exit code, and a
 * script may have the same.
 */
export function isSurelyStartable(file: string, account: ScriptAccount | null): boolean {
  try {
    const interpreter = interpreterOf(file);
    return interpreter !== null && [file, ...interpreter].every((each) => isExecutable(each, account));
  } catch {
    return false;
  }
}

/** Empty for a program; null for what is neither that nor names an interpreter. */
function interpreterOf(file: string): readonly string[] | null {
  const head = readHead(file);
  if (head.startsWith('\u007fELF')) return [];
  const [, interpreter] = /^#![ \t]*([^ \t\n\0]+)/.exec(head) ?? [];
  return interpreter === undefined ? null : [path.resolve(path.dirname(file), interpreter)];
}

function readHead(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.toString('latin1', 0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}

function isExecutable(file: string, account: ScriptAccount | null): boolean {
  accessSync(file, constants.X_OK);
  if (account === null) return true;
  // Root may pass everywhere; the account has to pass every directory on the way.
  const real = realpathSync(file);
  return [real, ...directoriesAbove(real)].every((each) => mayExecute(statSync(each), account));
}

function directoriesAbove(file: string): string[] {
  const above = path.dirname(file);
  return above === file ? [] : [above, ...directoriesAbove(above)];
}
