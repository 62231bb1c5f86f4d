import { readFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { until } from '../engine/test-engine.ts';
import { RUN_MARKER } from './processes.ts';
import type { ScriptResult, ScriptToRun } from './run-script.ts';
import { createScriptRunner, type ScriptRunner } from './script-runner.ts';

/** With CPM_TEST_FLOOD_GIB=10 the flood is the full one; left out it is quick. */
const FLOOD_GIB = Number(process.env['CPM_TEST_FLOOD_GIB'] ?? 2);
const TIMEOUT_MS = 1500;
const owner = { id: '2b0f9a52-7c40-4a3c-9d55-0b3c5f6f9a11', name: 'admin', kind: 'root' } as const;

let dataDir: string;
let runner: ScriptRunner;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'cpm-nasty-'));
  runner = await createScriptRunner({
    dataDir,
    scriptUser: null,
    clock: systemClock(),
    log: pino({ level: 'silent' }),
  });
});

afterAll(async () => {
  await runner.close();
  await rm(dataDir, { recursive: true, force: true });
});

const put = async (name: string, text: string, mode = 0o755) => {
  await writeFile(path.join(dataDir, 'scripts', name), text, { mode });
  return path.join(dataDir, 'scripts', name);
};

type Ran = ScriptResult & { readonly runId: string; readonly tookMs: number };

async function run(file: string, more: Partial<ScriptToRun> = {}): Promise<Ran> {
  const runId = more.runId ?? randomUUID();
  const startMs = performance.now();
  const result = await runner.run({
    file,
    argument: null,
    timeoutMs: TIMEOUT_MS,
    collectErrorOutput: true,
    runId,
    facts: { CPM_POLICY: 'nasty' },
    isMarked: true,
    ...more,
  });
  return { ...result, runId, tookMs: performance.now() - startMs };
}

/** Who bears the run's mark, looked up here without the code under test; zombies have no environment. */
async function survivorsOf(runId: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.includes(`${RUN_MARKER}=${runId}`) ? [pid] : [];
    }),
  );
  return marked.flat();
}

/** A zombie is none: it waits for nobody but its parent. */
const isAlive = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

const bySh = (lines: string) => `#!/bin/sh\n${lines}\n`;
const perl = (lines: string) => `#!/usr/bin/perl\nuse POSIX;\n${lines}\n`;

describe.skipIf(process.platform !== 'linux')('twelve nasty scripts', () => {
  const expectEnded = async (ran: Ran) => {
    expect(ran).toMatchObject({ ended: 'failed', exitCode: null });
    expect(ran.reason).toBe('it ran longer than 1.5 s and was ended');
    expect(ran.tookMs).toBeGreaterThanOrEqual(TIMEOUT_MS);
    expect(ran.tookMs).toBeLessThan(TIMEOUT_MS + 5000);
    expect(await survivorsOf(ran.runId)).toEqual([]);
  };

  test('1: one that hangs is ended at its time-out', async () => {
    const ran = await run(await put('hangs', bySh('echo waiting >&2; sleep 1000')));
    await expectEnded(ran);
    expect(ran.errorOutput).toBe('waiting\n');
    expect(ran.tookMs).toBeLessThan(TIMEOUT_MS + 1000);
  });

  test('2: one that forks is ended with all its children', async () => {
    await expectEnded(
      await run(await put('forks', bySh('for i in 1 2 3 4 5 6 7 8; do (sleep 1000 & sleep 1000) & done; wait'))),
    );
  });

  test('3: one that daemonises twice over is ended with its daemons, also with one that threw away its environment', async () => {
    const pidFile = path.join(dataDir, 'daemon.pid');
    // Nobody but the daemon itself is left of how it was made, not even a zombie.
    const daemon = perl(`
      $SIG{CHLD} = 'IGNORE';
      for my $bare (0, 1) {
        if (fork() == 0) {
          POSIX::setsid();
          if (fork() == 0) {
            select(undef, undef, undef, 0.2) if $bare;
            chdir '/'; open(STDERR, '>', '/dev/null');
            open(my $f, '>>', '${pidFile}'); print $f "$$\\n"; close($f);
            if ($bare) { %ENV = (); exec('/bin/sleep', '1000') }
            sleep 1000;
          }
          select(undef, undef, undef, 0.4) if $bare;
          exit 0;
        }
      }
      sleep 1000;`);
    await expectEnded(await run(await put('daemonises', daemon)));
    const pids = (await readFile(pidFile, 'utf8')).trim().split('\n').map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('3b: a daemon that a successful script leaves behind lives no longer than the time-out', async () => {
    const ran = await run(await put('leaves', bySh('setsid sh -c "sleep 1000" & exit 0')));
    expect(ran).toMatchObject({ ended: 'succeeded', exitCode: 0, reason: null });
    expect(ran.tookMs).toBeLessThan(1000);
    expect(await survivorsOf(ran.runId)).not.toEqual([]);
    await until('the daemon is ended', async () => (await survivorsOf(ran.runId)).length === 0, TIMEOUT_MS + 5000);
  });

  test('4: one that ignores SIGTERM is killed, and its children that do', async () => {
    const stubborn = `trap '' TERM HUP INT; (trap '' TERM; while :; do sleep 1; done) & while :; do sleep 1; done`;
    await expectEnded(await run(await put('ignores', bySh(stubborn))));
  });

  test(
    `5: one that floods its standard error with ${FLOOD_GIB} GiB costs no memory`,
    { timeout: 300_000 },
    async () => {
      await run(await put('warm-up', bySh('head -c 5000000 /dev/zero >&2')), { timeoutMs: 60_000 });
      const rss = () => process.memoryUsage().rss;
      const beforeBytes = rss();
      let most = 0;
      const watch = setInterval(() => (most = Math.max(most, rss())), 5);
      const flood = `echo first >&2; head -c ${FLOOD_GIB * 2 ** 30} /dev/zero >&2; echo last >&2`;
      const ran = await run(await put('floods', bySh(flood)), { timeoutMs: 280_000 });
      clearInterval(watch);
      expect(ran).toMatchObject({ ended: 'succeeded', exitCode: 0 });
      expect(ran.errorOutput?.startsWith('first\n␀␀')).toBe(true);
      expect(ran.errorOutput?.endsWith('␀␀last\n')).toBe(true);
      expect(ran.errorOutput).toContain(
        `[… ${(FLOOD_GIB * 2 ** 30 + 11 - 2 ** 20).toLocaleString('en')} bytes were cut here …]`,
      );
      expect(ran.errorOutput?.length).toBeLessThan(2 ** 20 + 100);
      expect((most - beforeBytes) / 2 ** 20).toBeLessThanOrEqual(20);
    },
  );

  test('5b: a flood that nobody collects, and one on standard output, harm nothing', async () => {
    const file = await put('floods-both', bySh('head -c 200000000 /dev/zero; head -c 200000000 /dev/zero >&2'));
    expect(await run(file, { collectErrorOutput: false })).toMatchObject({ ended: 'succeeded', errorOutput: null });
    expect(await run(await put('out', bySh('echo on standard output')))).toMatchObject({ errorOutput: '' });
  });

  test('5c: an endless flood is ended at the time-out', async () => {
    const ran = await run(await put('endless', bySh('exec yes >&2')));
    await expectEnded(ran);
    expect(ran.errorOutput).toContain('bytes were cut here');
  });

  test('6: binary output is shown as text', async () => {
    const ran = await run(await put('binary', bySh(String.raw`printf 'a\000\377\033[31m\n' >&2; exit 3`)));
    expect(ran).toMatchObject({ ended: 'failed', reason: 'it ended with exit code 3', exitCode: 3 });
    expect(ran.errorOutput).toBe('a␀\ufffd␛[31m\n');
  });

  test('7: one that reads its standard input finds its end at once', async () => {
    const ran = await run(await put('reads', bySh('read answer || echo "nobody there" >&2; cat; exit 0')));
    expect(ran).toMatchObject({ ended: 'succeeded', errorOutput: 'nobody there\n' });
    expect(ran.tookMs).toBeLessThan(1000);
  });

  test('8: one that deletes itself has run, and is missing the next time', async () => {
    const file = await put('deletes', bySh('rm -- "$0"; echo gone >&2; exit 0'));
    expect(await run(file)).toMatchObject({ ended: 'succeeded', errorOutput: 'gone\n' });
    expect(await run(file)).toMatchObject({
      ended: 'failed',
      exitCode: null,
      reason: 'it could not be started: deletes is gone, or the interpreter that its first line names',
    });
  });

  test('9: one whose interpreter does not exist fails and says so', async () => {
    expect(await run(await put('wrong', '#!/no/such/interpreter\n'))).toMatchObject({
      ended: 'failed',
      reason: 'it could not be started: wrong is gone, or the interpreter that its first line names',
    });
  });

  const findFor = (policyName: string) => runner.find({ owner, policyName, policyNames: ['p', 'none', 'plain'] });

  test('10: one that is not executable is found and refused', async () => {
    const file = await put('before_plain.sh', bySh('exit 0'), 0o644);
    expect((await findFor('plain')).steps.before.problem).toBe('"before_plain.sh" is not executable: chmod +x');
    expect(await run(file)).toMatchObject({
      ended: 'failed',
      reason: 'it could not be started: the user that scripts run as may not execute before_plain.sh',
    });
  });

  test('11: two of one base name are an error that names them', async () => {
    await put('before_p.sh', bySh('exit 0'));
    await put('before_p.py', bySh('exit 0'));
    const { directory, steps } = await findFor('p');
    expect(steps.before).toEqual({
      step: 'before',
      file: null,
      problem: `more than one script before_p in ${directory}: "before_p.py", "before_p.sh"; leave one of them`,
    });
  });

  test('12: a missing one is named with the directory where it belongs', async () => {
    await mkdir(path.join(dataDir, 'scripts', 'after_none.d'));
    const { directory, steps } = await findFor('none');
    expect(directory).toBe(path.join(dataDir, 'scripts'));
    expect(steps.before.problem).toBe(`no script before_none in ${directory}`);
    expect(steps.after.problem).toBe(`no script after_none in ${directory}; "after_none.d" is a directory`);
  });
});
