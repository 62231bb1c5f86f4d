import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTrace, TRACE_LINE, type Trace } from '../../invariants/i05-scripts.ts';
import type { Chance } from '../support/random.ts';

const STEPS = ['before', 'after', 'complete'] as const;
const TRACE_FILE = 'trace.txt';

/** Takes the scripts of an earlier seed away. */
export async function clearScripts(scriptsDir: string): Promise<void> {
  await rm(scriptsDir, { recursive: true, force: true });
  await mkdir(scriptsDir, { recursive: true, mode: 0o755 });
}

/** Gives a policy its three scripts, of which one fails now and then; each writes down first of all that it was started. */
export async function writeScripts(chance: Chance, scriptsDir: string, policyName: string): Promise<void> {
  for (const step of STEPS) {
    const exit = chance.happens(0.85) ? 0 : chance.between(1, 3);
    const text = `#!/bin/sh\n${TRACE_LINE} >> '${join(scriptsDir, TRACE_FILE)}'\nexit ${exit}\n`;
    await writeFile(join(scriptsDir, `${step}_${policyName}.sh`), text, { mode: 0o755 });
  }
}

/** What all scripts wrote down. */
export async function readTrace(scriptsDir: string): Promise<Trace[]> {
  return parseTrace(await readFile(join(scriptsDir, TRACE_FILE), 'utf8').catch(() => ''));
}
