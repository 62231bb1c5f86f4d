import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTrace, TRACE_LINE, type Trace } from '../../invariants/i05-scripts.ts';

type Place = { readonly dataDir: string };

const traceFile = ({ dataDir }: Place) => join(dataDir, 'trace.txt');
const holdFile = ({ dataDir }: Place, step: string) => join(dataDir, `hold-${step}`);

/** Gives a policy its three scripts: each writes down that it was started, and goes on while nobody holds its step. */
export async function writeTracedScripts(at: Place, policyName: string): Promise<void> {
  for (const step of ['before', 'after', 'complete']) {
    const text = [
      '#!/bin/sh',
      `${TRACE_LINE} >> '${traceFile(at)}'`,
      `while [ -e '${holdFile(at, step)}' ]; do sleep 0.05; done`,
      '',
    ];
    await writeFile(join(at.dataDir, 'scripts', `${step}_${policyName}.sh`), text.join('\n'), { mode: 0o755 });
  }
}

/** What all scripts wrote down. */
export async function readTrace(at: Place): Promise<Trace[]> {
  return parseTrace(await readFile(traceFile(at), 'utf8').catch(() => ''));
}

/** From now on the scripts of a step run until they are let go; answers how to. */
export async function holdScripts(at: Place, step: string): Promise<() => Promise<void>> {
  await writeFile(holdFile(at, step), '');
  return () => rm(holdFile(at, step), { force: true });
}
