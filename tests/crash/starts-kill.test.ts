import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../packages/server/src/engine/test-engine.ts';
import { familyOf, findMembers } from '../../packages/server/src/scripts/processes.ts';
import { findScriptAccount } from '../../packages/server/src/scripts/script-account.ts';
import { createStartMarks, type StartMarks } from '../../packages/server/src/scripts/start-marks.ts';
import { report } from './engine-rig.ts';
import type { StartInput } from './start-child.ts';

const CHILD = fileURLToPath(new URL('start-child.ts', import.meta.url));
/** With CPM_TEST_START_KILLS=500 it takes minutes; left out it is quick. */
const KILLS = Number(process.env['CPM_TEST_START_KILLS'] ?? 12);
/** Within this time a process is made, becomes `flock`, makes its mark and becomes the script. */
const START_MS = 5;

let dataDir: string;
let journal: string;
let marks: StartMarks;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'cpm-start-kill-'));
  await chmod(dataDir, 0o711);
  marks = createStartMarks(dataDir);
  journal = path.join(dataDir, 'journal');
  await writeFile(journal, '');
  await chmod(journal, 0o666);
  await mkdir(path.join(dataDir, 'scripts'));
  const text = `#!/bin/sh\necho "$CPM_SCRIPT_RUN $1" >> ${journal}\n`;
  await writeFile(path.join(dataDir, 'scripts', 'after_p.sh'), text, { mode: 0o755 });
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** The first is when there is a process of which nobody has been told, the others are spread over the start. */
const instants = () =>
  Array.from({ length: KILLS }, (_, nth) => (nth === 0 ? ('starting' as const) : (START_MS * nth) / KILLS));

/** Kills a server while it starts a script, asks its mark at once, and answers how often the script has run in the end. */
async function killAtStart(input: Pick<StartInput, 'account' | 'dies' | 'isHeld'>) {
  const runId = randomUUID();
  const file = path.join(dataDir, 'scripts', 'after_p.sh');
  const told = JSON.stringify({ ...input, dataDir, file, runId } satisfies StartInput);
  const [, signal] = await once(spawn(process.execPath, [CHILD, told], { stdio: 'inherit' }), 'exit');
  const verdict = marks.settle(runId);
  const isGone = async () => (await findMembers(familyOf(runId, null), true)).length === 0;
  await until('nothing of the script is left', async () => (await isGone()) || null);
  const lines = (await readFile(journal, 'utf8')).split('\n').filter((line) => line === `${runId} 1`);
  return { signal, verdict, times: lines.length };
}

const isRoot = process.geteuid?.() === 0;
const accounts = [
  { as: 'the server itself', scriptUser: null },
  ...(isRoot ? [{ as: 'another user', scriptUser: 'nobody' }] : []),
];
const starts = accounts.flatMap((account) => [
  { ...account, how: 'started', isHeld: false },
  { ...account, how: 'held and let go', isHeld: true },
]);

test.skipIf(process.platform !== 'linux').each(starts)(
  'a script that is $how as $as has run once if its mark is there, and else never will, whenever the server is killed',
  { timeout: 600_000 },
  async ({ as, scriptUser, how, isHeld }) => {
    const account = await findScriptAccount(scriptUser);
    const seen = { started: 0, never: 0, unknown: 0 };
    for (const dies of instants()) {
      const { signal, verdict, times } = await killAtStart({ account, dies, isHeld });
      expect({ signal, dies, verdict, times }).toEqual({
        signal: 'SIGKILL',
        dies,
        verdict,
        times: verdict === 'started' ? 1 : 0,
      });
      seen[verdict] += 1;
    }
    report(`crash at the start of a script, ${how} as ${as}`, { kills: KILLS, ...seen });
  },
);
