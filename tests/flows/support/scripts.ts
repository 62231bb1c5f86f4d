import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from './test-server.ts';

export type Step = 'before' | 'after' | 'complete';

/** Writes the three scripts of a policy, each noting in a journal that it ran and what it was told; `lines` come behind that. */
export async function writeScripts(
  at: Pick<TestServer, 'dataDir'>,
  policyName: string,
  lines: Partial<Record<Step, string>> = {},
): Promise<void> {
  for (const step of ['before', 'after', 'complete'] as const) {
    const file = join(at.dataDir, 'scripts', `${step}_${policyName}.sh`);
    const note = `echo "${step}\${1:+ $1}" >> "${journalOf(at, policyName)}"`;
    await writeFile(file, `#!/bin/sh\n${note}\n${lines[step] ?? ''}\n`, { mode: 0o755 });
  }
}

/** Takes a script away again. */
export const removeScript = (at: Pick<TestServer, 'dataDir'>, policyName: string, step: Step): Promise<void> =>
  rm(join(at.dataDir, 'scripts', `${step}_${policyName}.sh`));

/** What ran, in its order, each with what it was told. */
export async function journal(at: Pick<TestServer, 'dataDir'>, policyName: string): Promise<string[]> {
  const text = await readFile(journalOf(at, policyName), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

const journalOf = ({ dataDir }: Pick<TestServer, 'dataDir'>, policyName: string) =>
  join(dataDir, `journal-of-${policyName}`);
