import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ScriptStep } from '@cpm/core';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestEngine, kindOf, until, type TestEngine } from '../engine/test-engine.ts';
import { listLogLines } from '../logs/log-lines.store.ts';
import { canMount, mountSmallDisk } from '../../test-setup/small-disk.ts';
import { isListed } from '../db/launcher/processes.ts';
import { familyOf, findMembers, RUN_MARKER, startOf } from './processes.ts';
import { beginServerStep, holdServerStep } from './run-server-step.ts';
import type { HeldScript } from './run-script.ts';
import { createScriptRunner, type ScriptRunner } from './script-runner.ts';
import {
  findScriptRecord,
  listScriptRecords,
  saveScriptProcess,
  saveScriptStart,
  type ScriptEnd,
} from './scripts.store.ts';
import { plantBackup } from './test-backup.ts';

const log = pino({ level: 'silent' });
let engine: TestEngine;
let dataDir: string;
let runner: ScriptRunner;
let backup: Awaited<ReturnType<typeof plantBackup>>;

beforeAll(async () => {
  engine = await createTestEngine();
  dataDir = await mkdtemp(path.join(tmpdir(), 'cpm-steps-'));
  runner = await createScriptRunner({ dataDir, scriptUser: null, clock: engine.clock, log });
});

afterAll(async () => {
  await runner.close();
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const journal = () => path.join(dataDir, 'journal');
const journalText = () => readFile(journal(), 'utf8').catch(() => '');

beforeEach(async () => {
  backup = await plantBackup(engine.db, engine.clock.now());
});

afterEach(() => rm(journal(), { force: true }));

async function script(step: ScriptStep, lines: string) {
  const file = path.join(dataDir, 'scripts', `${step}_p.sh`);
  await writeFile(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return { step, file, problem: null } as const;
}

const writesItself = (step: ScriptStep) => script(step, `echo "${step} $#:$1" >> ${journal()}`);

type Wanted = {
  readonly found: Awaited<ReturnType<typeof script>>;
  readonly argument?: '1' | '0';
  /** Whether its process is there before. */
  readonly isHeld?: boolean;
  /** Called when it is on record and has not begun. */
  readonly meanwhile?: (ready: HeldScript | null) => unknown;
  readonly by?: ScriptRunner;
};

/** Runs the step in a job of a worker, as the job of a backup does; answers its end. */
async function runInJob({ found, argument, isHeld = false, meanwhile, by = runner }: Wanted): Promise<ScriptEnd> {
  const kind = `step-${randomUUID()}`;
  let end: ScriptEnd | undefined;
  const context = { db: engine.db, clock: engine.clock, log, scripts: by };
  const worker = await engine.start({
    [kind]: kindOf(async (job) => {
      const scripts = { timeoutSeconds: 20, collectOutput: true };
      const step = { backup, step: found.step, argument: argument ?? null, found, scripts };
      const ready = isHeld ? await holdServerStep(context, job, step) : null;
      const run = await beginServerStep(context, job, step, ready);
      await meanwhile?.(ready);
      end = await run();
      ready?.drop();
      return job.done();
    }),
  });
  await engine.enqueue({ kind, subjectId: backup.id });
  const answer = await until('the step has ended', () => end);
  await worker.stop();
  return answer;
}

const record = (step: ScriptStep) => findScriptRecord(engine.db, backup.id, step);

/** What a server that died left on record, and what of its script it had got to. */
async function plantStart(step: ScriptStep, argument: '' | '0' | '1' = '') {
  const id = randomUUID();
  const { ownerId, id: backupId } = backup;
  await saveScriptStart(engine.db, {
    id,
    ownerId,
    backupId,
    step,
    runner: 'server',
    argument,
    startedAt: engine.clock.now(),
  });
  return id;
}

async function plantProcess(runId: string) {
  const child = spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore', env: { [RUN_MARKER]: runId } });
  const { pid } = child;
  if (pid === undefined) throw new Error('sleep did not start');
  return {
    pid,
    started: await startOf(pid),
    exited: new Promise<void>((resolve) => child.once('exit', () => resolve())),
  };
}

describe('a script of a backup', () => {
  test('runs once, is on record with all that is known of it, and tells the log', async () => {
    const found = await script('before', `echo words >&2; echo run >> ${journal()}; exit 3`);
    const end = await runInJob({ found });
    expect(end).toEqual({ ended: 'failed', reason: 'it ended with exit code 3', exitCode: 3, errorOutput: 'words\n' });
    expect(await runInJob({ found })).toEqual(end);
    expect(await journalText()).toBe('run\n');
    expect(await listScriptRecords(engine.db, backup.ownerId, backup.id)).toMatchObject([
      {
        step: 'before',
        runner: 'server',
        argument: '',
        state: 'failed',
        exitCode: 3,
        output: 'words\n',
        pid: expect.any(Number),
      },
    ]);
    const lines = await listLogLines(engine.db, backup.id, { limit: 10 });
    expect(lines.map(({ level, text }) => [level, text])).toEqual([
      ['error', 'the "before" script failed: it ended with exit code 3'],
    ]);
  });

  test('"before" gets no argument, "after" and "complete" get what they are told', async () => {
    await runInJob({ found: await writesItself('before') });
    await runInJob({ found: await writesItself('after'), argument: '0' });
    await runInJob({ found: await writesItself('complete'), argument: '1' });
    expect(await journalText()).toBe('before 0:\nafter 1:0\ncomplete 1:1\n');
  });

  test('knows its policy, backup and step, and nothing of the server', async () => {
    process.env['CPM_TEST_SECRET'] = 'do not tell';
    await runInJob({ found: await script('before', `env > ${journal()}`) });
    delete process.env['CPM_TEST_SECRET'];
    const names = (await journalText())
      .trim()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf('=')));
    expect(names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)).toSorted()).toEqual([
      'CPM_BACKUP',
      'CPM_POLICY',
      'CPM_SCRIPT_RUN',
      'CPM_STEP',
      'HOME',
      'LANG',
      'PATH',
    ]);
    expect(await journalText()).toContain(`CPM_BACKUP=${backup.id}`);
  });

  test('that is missing is a failure on record', async () => {
    const found = { step: 'complete', file: null, problem: 'no script complete_p' } as const;
    const end = await runInJob({ found: found as never, argument: '1' });
    expect(end).toMatchObject({ ended: 'failed', reason: 'no script complete_p' });
    expect(await record('complete')).toMatchObject({ state: 'failed', reason: 'no script complete_p', pid: null });
  });
});

describe.skipIf(process.platform !== 'linux')('a script that is held until its time has come', () => {
  const processesOf = async (ready: HeldScript | null) =>
    (await findMembers(familyOf(ready?.script.runId ?? '', null), true)).length;

  test('is there before it begins, and then runs once, as one that was not held', async () => {
    const found = await script('after', `echo "$# $1 $CPM_STEP $CPM_BACKUP" >> ${journal()}; echo words >&2; exit 3`);
    let seen: unknown;
    const meanwhile = async (ready: HeldScript | null) => {
      seen = [await processesOf(ready), await journalText()];
    };
    const end = await runInJob({ found, argument: '1', isHeld: true, meanwhile });
    expect(seen).toEqual([1, '']);
    expect(end).toEqual({ ended: 'failed', reason: 'it ended with exit code 3', exitCode: 3, errorOutput: 'words\n' });
    expect(await journalText()).toBe(`1 1 after ${backup.id}\n`);
    expect(await runInJob({ found, argument: '1', isHeld: true })).toEqual(end);
    expect(await journalText()).toBe(`1 1 after ${backup.id}\n`);
    expect(await readdir(path.join(dataDir, 'script-runs'))).toEqual([]);
  });

  test('has its start on record when it begins, not when it was put on record', async () => {
    const meanwhile = () => engine.clock.advance(5000);
    const beganAt = engine.clock.now();
    await runInJob({ found: await writesItself('after'), argument: '1', isHeld: true, meanwhile });
    expect((await record('after'))?.startedAt).toBe(beganAt + 5000);
  });

  test('is started afresh when its process has died', async () => {
    const meanwhile = async (ready: HeldScript | null) => {
      const [held] = await findMembers(familyOf(ready?.script.runId ?? '', null), true);
      process.kill(held?.pid ?? 0, 'SIGKILL');
      await until('it is gone', async () => (await processesOf(ready)) === 0);
    };
    await runInJob({ found: await writesItself('after'), argument: '1', isHeld: true, meanwhile });
    expect(await journalText()).toBe('after 1:1\n');
    expect(await record('after')).toMatchObject({ state: 'succeeded' });
  });

  test.runIf(canMount)('is run, once, when the disk has become full in between', async () => {
    const disk = mountSmallDisk(8);
    if (disk === null) throw new Error('no disk was mounted');
    const other = await createScriptRunner({ dataDir: disk.directory, scriptUser: null, clock: engine.clock, log });
    try {
      let wasHeld = false;
      const meanwhile = (ready: HeldScript | null) => {
        wasHeld = ready !== null;
        disk.fillWithFiles();
      };
      const found = await writesItself('after');
      const end = await runInJob({ found, argument: '1', isHeld: true, meanwhile, by: other });
      expect(wasHeld).toBe(true);
      expect(end).toMatchObject({ ended: 'succeeded' });
      expect(await journalText()).toBe('after 1:1\n');
    } finally {
      await other.close();
      disk.remove();
    }
  });

  test('leaves nothing behind when it is given up', async () => {
    const { file } = await writesItself('after');
    const common = { timeoutMs: 1000, collectErrorOutput: true, facts: {}, isMarked: true };
    const held = await runner.hold({ file, argument: '1', runId: randomUUID(), ...common });
    expect(await processesOf(held)).toBe(1);
    held?.drop();
    await until('its process is gone', async () => (await processesOf(held)) === 0);
    expect(await journalText()).toBe('');
    expect(await readdir(path.join(dataDir, 'script-runs'))).toEqual([]);
  });

  test('that is missing or cannot be executed is not held, and says why when it is run', async () => {
    const found = await script('after', 'exit 0');
    await chmod(found.file, 0o644);
    let ready: HeldScript | null | undefined;
    const end = await runInJob({ found, argument: '1', isHeld: true, meanwhile: (each) => void (ready = each) });
    expect(ready).toBeNull();
    expect(end.reason).toContain('may not execute');
    await rm(found.file);
  });
});

describe.skipIf(process.platform !== 'linux')('after a crash of the server', () => {
  const lost = 'its end was not recorded: the server stopped, or lost its database, while it ran';

  test('a "before" that still runs is ended, has failed and is not run again', async () => {
    const runId = await plantStart('before');
    const left = await plantProcess(runId);
    await saveScriptProcess(engine.db, runId, { ...left, at: engine.clock.now() });
    expect(await runInJob({ found: await writesItself('before') })).toMatchObject({ ended: 'failed', reason: lost });
    await left.exited;
    expect(await journalText()).toBe('');
    expect(await record('before')).toMatchObject({ state: 'failed', reason: lost });
  });

  test('a "before" whose process was not recorded yet is found by its mark and ended', async () => {
    const left = await plantProcess(await plantStart('before'));
    expect(await runInJob({ found: await writesItself('before') })).toMatchObject({ ended: 'failed', reason: lost });
    await left.exited;
    expect(await journalText()).toBe('');
  });

  test('a process that merely got the same id since is not touched', async () => {
    const runId = await plantStart('before');
    const stranger = await plantProcess(randomUUID());
    await saveScriptProcess(engine.db, runId, { pid: stranger.pid, started: 'another boot/1', at: engine.clock.now() });
    expect(await runInJob({ found: await writesItself('before') })).toMatchObject({ ended: 'failed', reason: lost });
    expect(isListed(stranger.pid)).toBe(true);
    process.kill(stranger.pid, 'SIGKILL');
    await stranger.exited;
  });

  test('an "after" that still runs is left to end by itself and not run again', async () => {
    const runId = await plantStart('after', '1');
    const left = await plantProcess(runId);
    await saveScriptProcess(engine.db, runId, { ...left, at: engine.clock.now() });
    expect(await runInJob({ found: await writesItself('after'), argument: '1' })).toMatchObject({ reason: lost });
    expect(isListed(left.pid)).toBe(true);
    expect(await journalText()).toBe('');
    process.kill(left.pid, 'SIGKILL');
    await left.exited;
  });

  test('an "after" that had started and ended unseen is not run again', async () => {
    runner.marks.set(await plantStart('after', '1'));
    expect(await runInJob({ found: await writesItself('after'), argument: '1' })).toMatchObject({ reason: lost });
    expect(await journalText()).toBe('');
  });

  test('an "after" that was on record and never started is run, once', async () => {
    const runId = await plantStart('after', '0');
    const found = await writesItself('after');
    expect(await runInJob({ found, argument: '0' })).toMatchObject({ ended: 'succeeded' });
    expect(await runInJob({ found, argument: '0' })).toMatchObject({ ended: 'succeeded' });
    expect(await journalText()).toBe('after 1:0\n');
    expect(await record('after')).toMatchObject({ id: runId, state: 'succeeded' });
    expect(runner.marks.settle(runId)).toBe('unknown');
  });

  test('an "after" that a server which stands still has only held back is run, once', async () => {
    const runId = await plantStart('after', '1');
    const found = await writesItself('after');
    const common = { timeoutMs: 1000, collectErrorOutput: false, facts: {}, isMarked: true };
    const held = await runner.hold({ file: found.file, argument: '1', runId, ...common });
    expect(held).not.toBeNull();
    expect(await runInJob({ found, argument: '1' })).toMatchObject({ ended: 'succeeded' });
    held?.drop();
    expect(await journalText()).toBe('after 1:1\n');
  });

  test('an "after" that had made its mark itself is not run again', async () => {
    await writeFile(runner.marks.makeRoom(await plantStart('after', '1')), '');
    expect(await runInJob({ found: await writesItself('after'), argument: '1' })).toMatchObject({ reason: lost });
    expect(await journalText()).toBe('');
  });

  test('an "after" whose process is there and has not made its mark yet is run by the new server', async () => {
    const runId = await plantStart('after', '1');
    const found = await writesItself('after');
    runner.marks.makeRoom(runId);
    const slow = await plantProcess(runId);
    expect(await runInJob({ found, argument: '1' })).toMatchObject({ ended: 'succeeded' });
    expect(await journalText()).toBe('after 1:1\n');
    process.kill(slow.pid, 'SIGKILL');
    await slow.exited;
  });
});

test('a server that stops ends its "before", so that the next start finds it failed', async () => {
  const found = await script('before', `echo $$ > ${journal()}; sleep 1000`);
  const kind = 'stops';
  const context = { db: engine.db, clock: engine.clock, log, scripts: runner };
  const scripts = { timeoutSeconds: 600, collectOutput: false };
  const worker = await engine.start(
    {
      [kind]: kindOf(async (job) => {
        const run = await beginServerStep(context, job, { backup, step: 'before', argument: null, found, scripts });
        await run();
        return job.done();
      }),
    },
    { stopWithinMs: 100 },
  );
  await engine.enqueue({ kind, subjectId: backup.id });
  const pid = Number(await until('it runs', async () => (await journalText()).trim() || null));
  await worker.stop();
  await until('it is ended', () => !isListed(pid));
  expect(await runInJob({ found })).toMatchObject({ ended: 'failed' });
});
