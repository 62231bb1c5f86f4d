import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { markingCommand } from './marking-start.ts';
import type { ScriptToRun, StartedScript } from './run-script.ts';
import { createScriptRunner, type ScriptRunner } from './script-runner.ts';

const isRoot = process.geteuid?.() === 0;

let dataDir: string;
let runner: ScriptRunner;

async function createRunner(at: string, scriptUser: string | null = null) {
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
  return { runner: await createScriptRunner({ dataDir: at, scriptUser, clock: systemClock(), log }), warnings };
}

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'cpm-starts-'));
  await chmod(dataDir, 0o711);
  ({ runner } = await createRunner(dataDir));
});

afterAll(async () => {
  await runner.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function put(name: string, text: string, mode = 0o755, at = dataDir) {
  const file = path.join(at, 'scripts', name);
  await writeFile(file, text, { mode });
  return file;
}

const run = (file: string, more: Partial<ScriptToRun> = {}, by = runner) =>
  by.run({
    file,
    argument: null,
    timeoutMs: 5000,
    collectErrorOutput: true,
    runId: randomUUID(),
    facts: {},
    isMarked: true,
    ...more,
  });

/** What is in the directory of marks, in its rooms too. */
const marksIn = (at: string) => readdir(path.join(at, 'script-runs'), { recursive: true });

describe.skipIf(process.platform !== 'linux')('a script that marks its own start', () => {
  test('is the very process that was started, in a session of its own, with its own name and argument', async () => {
    let started: StartedScript | undefined;
    const file = await put('who', '#!/bin/sh\necho "$$ $(cut -d " " -f 6 /proc/$$/stat) $0 $#:$1" >&2\nsleep 0.2\n');
    const result = await run(file, { argument: '1', onStarted: (each) => (started = each) });
    expect(started?.started).not.toBeNull();
    expect(result.errorOutput).toBe(`${started?.pid} ${started?.pid} ${file} 1:1\n`);
  });

  test('has made its mark before its first line runs, and nobody else has', async () => {
    const file = await put(
      'looks',
      `#!/bin/sh\necho ${dataDir}/script-runs/$CPM_SCRIPT_RUN* >&2; ls ${dataDir}/script-runs/$CPM_SCRIPT_RUN.* >&2\n`,
    );
    const runId = randomUUID();
    const { errorOutput } = await run(file, { runId });
    expect(errorOutput).toMatch(new RegExp(`^${dataDir}/script-runs/${runId}\\.\\w{6}\nstarted\n$`));
    expect(runner.marks.settle(runId)).toBe('started');
    runner.marks.forget(runId);
    expect((await marksIn(dataDir)).filter((each) => each.startsWith(runId))).toEqual([]);
  });

  test('never becomes the script when its process comes to that only after the next server has looked', async () => {
    const runId = randomUUID();
    const file = await put('late', `#!/bin/sh\necho ran > ${dataDir}/late\n`);
    const mark = runner.marks.makeRoom(runId);
    expect(runner.marks.settle(runId)).toBe('never');
    const late = markingCommand(mark, null, { file, args: [] });
    const [code] = (await once(spawn(late.file, late.args, { stdio: 'ignore' }), 'exit')) as [number];
    expect(code).not.toBe(0);
    expect(await readdir(dataDir)).not.toContain('late');
    expect(runner.marks.settle(runId)).toBe('unknown');
  });

  test('leaves no mark when it is only tried', async () => {
    const runId = randomUUID();
    await run(await put('tried', '#!/bin/sh\n'), { runId, isMarked: false });
    expect(runner.marks.settle(runId)).toBe('unknown');
  });

  test.skipIf(!isRoot)('runs as another user with the rights and the environment that it has unmarked', async () => {
    const { runner: other, warnings } = await createRunner(dataDir, 'nobody');
    const lines = ['id -u', 'id -G', 'umask', 'grep -E "^(Cap|NoNewPrivs|Sig)" /proc/self/status', 'env', 'pwd'];
    const file = await put('rights', `#!/bin/sh\n{\n${lines.join('\n')}\n} >&2\n`);
    const runId = randomUUID();
    const [unmarked, marked] = [
      await run(file, { runId, isMarked: false }, other),
      await run(file, { runId, isMarked: true }, other),
    ];
    expect(warnings).toEqual([]);
    expect(marked.errorOutput).toContain('65534\n65534\n');
    expect(marked.errorOutput).toBe(unmarked.errorOutput);
    expect(other.marks.settle(runId)).toBe('started');
    await other.close();
  });

  test.skipIf(!isRoot)('cannot come near a mark when it runs as another user', async () => {
    const { runner: other } = await createRunner(dataDir, 'nobody');
    const tries = [
      `ls ${dataDir}/script-runs`,
      `echo forged > ${dataDir}/script-runs/forged`,
      'echo forged > /proc/self/fd/3',
      'rm -f "$(readlink /proc/self/fd/3)" && [ ! -e /proc/self/fd/3 ]',
    ];
    for (const each of tries) {
      const runId = randomUUID();
      const result = await run(await put('hostile', `#!/bin/sh\n${each}\n`), { runId }, other);
      expect([each, result.ended]).toEqual([each, 'failed']);
      expect(other.marks.settle(runId)).toBe('started');
    }
    expect(await marksIn(dataDir)).not.toContain('forged');
    await other.close();
  });
});

describe('a script that cannot be started says so as well as one without a mark', () => {
  const gone = (name: string) =>
    `it could not be started: ${name} is gone, or the interpreter that its first line names`;
  const refused = (name: string) => `it could not be started: the user that scripts run as may not execute ${name}`;
  const plain = { text: '#!/bin/sh\n', mode: 0o755 };
  test.each([
    { name: 'no-interpreter', ...plain, text: '#!/no/such/interpreter\n', reason: gone('no-interpreter') },
    { name: 'dos-lines', ...plain, text: '#!/bin/sh\r\nexit 0\r\n', reason: gone('dos-lines') },
    { name: 'not-executable', ...plain, mode: 0o644, reason: refused('not-executable') },
    {
      name: 'interpreter-not-executable',
      ...plain,
      text: '#!/etc/passwd\n',
      reason: refused('interpreter-not-executable'),
    },
    { name: 'no-first-line', ...plain, text: 'exit 3\n', reason: 'it ended with exit code 3' },
    { name: 'nothing-in-it', ...plain, text: '', reason: null },
    { name: 'ends-with-69', ...plain, text: '#!/bin/sh\nexit 69\n', reason: 'it ended with exit code 69' },
    { name: 'deletes-itself', ...plain, text: '#!/bin/sh\nrm "$0"; exit 69\n', reason: 'it ended with exit code 69' },
    { name: 'ends-with-66', ...plain, text: '#!/bin/sh\nexit 66\n', reason: 'it ended with exit code 66' },
    { name: 'ends-with-127', ...plain, text: '#!/bin/sh\nexit 127\n', reason: 'it ended with exit code 127' },
  ])('$name', async ({ name, text, mode, reason }) => {
    for (const isMarked of [false, true]) {
      const file = await put(name, text, mode);
      expect(await run(file, { isMarked })).toMatchObject({ reason, errorOutput: '' });
    }
  });

  test('gone', async () => {
    for (const isMarked of [false, true]) {
      expect(await run('/no/such/directory/script', { isMarked })).toMatchObject({ reason: gone('script') });
    }
  });

  test.skipIf(!isRoot)('in a directory that its user may not pass', async () => {
    const { runner: other } = await createRunner(dataDir, 'nobody');
    await mkdir(path.join(dataDir, 'scripts', 'closed'), { mode: 0o700 });
    const file = await put('closed/script', '#!/bin/sh\n');
    for (const isMarked of [false, true]) {
      expect(await run(file, { isMarked }, other)).toMatchObject({ reason: refused('script') });
    }
    await other.close();
  });
});

describe.skipIf(process.platform !== 'linux')('where a script cannot make its mark', () => {
  /** A directory with a path so long: a name that makes it longer than Linux takes cannot be made by root either. */
  async function longDirectory(length: number) {
    let directory = await mkdtemp(path.join(dataDir, 'long-'));
    while (directory.length < length) directory += `/${'x'.repeat(Math.min(200, length - directory.length - 1))}`;
    await mkdir(directory, { recursive: true });
    return directory;
  }
  const LONGEST = 4095;
  const roomLength = (runId: string) => `/script-runs/${runId}.xxxxxx`.length;
  const journal = () => readFile(path.join(dataDir, 'journal'), 'utf8');

  test('at all, the server says at its start what that means, and runs it', async () => {
    const directory = await longDirectory(LONGEST - roomLength('12345678'));
    const { runner: other, warnings } = await createRunner(directory);
    expect(warnings).toEqual([expect.stringContaining('a script cannot mark its own start here')]);
    expect(await run(await put('plain', '#!/bin/sh\n', 0o755, directory), {}, other)).toMatchObject({ reason: null });
    await other.close();
  });

  test('this once, it is run all the same, once', async () => {
    const directory = await longDirectory(LONGEST - roomLength(randomUUID()));
    const { runner: other, warnings } = await createRunner(directory);
    expect(warnings).toEqual([]);
    const runId = randomUUID();
    const file = await put('thaws', `#!/bin/sh\necho thawed >> ${path.join(dataDir, 'journal')}\n`, 0o755, directory);
    expect(await run(file, { runId }, other)).toMatchObject({ ended: 'succeeded' });
    expect(await journal()).toBe('thawed\n');
    expect(other.marks.settle(runId)).toBe('started');
    await other.close();
  });
});
