import type { Backup } from '@cpm/contract';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { journal, removeScript, writeScripts, type Step } from './support/scripts.ts';
import type { Fault, Thing } from './support/simulated-aws.ts';
import { addAccount, addPolicy, logOf, named, runBackup, snapshotsInAws, targetOf } from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
let web1: Thing;
let assets: Thing;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  [web1, assets] = [await named(at, 'web-1'), await named(at, 'shared-assets')];
});
afterAll(() => at.stop());

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

let count = 0;
type Wish = Partial<Omit<Parameters<typeof addPolicy>[1], 'account' | 'name'>> & {
  readonly lines?: Partial<Record<Step, string>>;
  readonly without?: Step;
  readonly faults?: readonly Fault[];
};

/** A backup with scripts on the server, with what the scripts noted. */
async function backUp({ lines = {}, without, faults = [], ...wish }: Wish = {}) {
  const name = `scripted-${(count += 1)}`;
  await writeScripts(at, name, lines);
  if (without !== undefined) await removeScript(at, name, without);
  const scripts = { runner: 'server' as const, timeoutSeconds: 20, collectOutput: true };
  const usual = { targets: [targetOf(web1), targetOf(assets)], retries: 0, scripts };
  const policy = await addPolicy(at.anna, { ...usual, ...wish, account, name });
  undo.push(await at.aws.fault(...faults));
  const backup = await runBackup(at, policy);
  return { backup, ran: await journal(at, name), log: await logOf(at, backup) };
}

const scriptsOf = async ({ id: backupId }: Backup) =>
  (await at.anna.call('GET /backups/:backupId/scripts', { params: { backupId } })).items;

test('"before", the snapshots of all targets, "after" and "complete" come in this order, and each is told how it went', async () => {
  const { backup, ran, log } = await backUp({ lines: { before: 'echo quiesced >&2' } });
  expect(ran).toEqual(['before', 'after 1', 'complete 1']);
  expect(backup).toMatchObject({ status: 'successful', isGeneration: true, reasons: [] });
  expect(backup.freezeWindowMs).toBeGreaterThanOrEqual(0);
  expect(log).toContain(`2 snapshot calls went out between "before" and "after", within ${backup.freezeWindowMs} ms`);
  const [before, after, complete] = await scriptsOf(backup);
  expect(before).toMatchObject({ step: 'before', state: 'succeeded', exitCode: 0, output: 'quiesced\n' });
  expect(after).toMatchObject({ step: 'after', argument: '1' });
  expect(complete).toMatchObject({ step: 'complete', argument: '1' });
  const snapshots = await snapshotsInAws(at, backup);
  for (const { createdAt } of snapshots) {
    expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(Date.parse(before?.endedAt ?? '') - 1000);
    expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.parse(after?.startedAt ?? ''));
  }
});

test('no snapshot is taken while "before" still runs, however long it takes and whatever was sent before', async () => {
  await backUp();
  const { backup } = await backUp({ lines: { before: 'sleep 3' } });
  const [before] = await scriptsOf(backup);
  for (const { createdAt } of await snapshotsInAws(at, backup)) {
    expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(Date.parse(before?.endedAt ?? '') - 1000);
  }
});

test('a "before" that fails does not end the backup: "after" is told 0, "complete" 0, and the backup is partial', async () => {
  const { backup, ran } = await backUp({ lines: { before: 'exit 3' } });
  expect(ran).toEqual(['before', 'after 0', 'complete 0']);
  expect(backup).toMatchObject({
    status: 'partial',
    isGeneration: false,
    reasons: ['the "before" script failed: it ended with exit code 3'],
  });
  expect(await snapshotsInAws(at, backup)).toHaveLength(3);
});

test.skipIf(process.platform !== 'linux')(
  'an "after" that was held back for a "before" that failed is gone as soon as another one begins',
  async () => {
    const held = '$(grep -lsF /proc/self/fd/3 /proc/[0-9]*/cmdline)';
    const after = `while grep -qsF "$0" ${held} /dev/null; do sleep 0.1; done`;
    const { backup, ran } = await backUp({ lines: { before: 'exit 3', after } });
    expect(ran).toEqual(['before', 'after 0', 'complete 0']);
    expect(await scriptsOf(backup)).toMatchObject([
      { state: 'failed' },
      { state: 'succeeded' },
      { state: 'succeeded' },
    ]);
  },
);

test('a policy that forgives scripts counts such a backup as a generation, and tells "complete" 0 all the same', async () => {
  const { backup, ran } = await backUp({ lines: { after: 'exit 1' }, successRule: 'snapshots-succeed' });
  expect(ran).toEqual(['before', 'after 1', 'complete 0']);
  expect(backup).toMatchObject({ status: 'partial', isGeneration: true });
});

test('a missing "before" is a failure, and "after" runs and is told 0', async () => {
  const { backup, ran } = await backUp({ without: 'before' });
  expect(ran).toEqual(['after 0', 'complete 0']);
  expect(backup.status).toBe('partial');
  expect(backup.reasons[0]).toMatch(/^the "before" script failed: no script before_scripted-\d+ in /);
});

test('a script that hangs is ended at its time-out, and the application is thawed', async () => {
  const scripts = { runner: 'server' as const, timeoutSeconds: 1 };
  const { backup, ran } = await backUp({ lines: { before: 'sleep 60' }, scripts });
  expect(ran).toEqual(['before', 'after 0', 'complete 0']);
  expect(backup.reasons).toEqual(['the "before" script failed: it ran longer than 1 s and was ended']);
});

test('"complete" is told 0 when every snapshot failed, and only "complete" having failed leaves the rest as it was', async () => {
  const error = { kind: 'error-state', match: { action: 'CreateSnapshot*' }, message: 'the key is disabled' };
  const failed = await backUp({ faults: [error] });
  expect(failed.ran).toEqual(['before', 'after 1', 'complete 0']);
  expect(failed.backup).toMatchObject({ status: 'failed', recoverable: false });
  for (const each of undo.splice(0)) await each();
  const late = await backUp({ lines: { complete: 'exit 1' } });
  expect(late.ran).toEqual(['before', 'after 1', 'complete 1']);
  expect(late.backup).toMatchObject({ status: 'partial', isGeneration: false });
});

test('a call that AWS throttles does not keep the application frozen: it comes again after the thaw, and the backup says so', async () => {
  const throttle = { kind: 'throttle', match: { action: 'CreateSnapshot', resource: assets.id }, count: 1 };
  const { backup, ran, log } = await backUp({ faults: [throttle] });
  expect(ran).toEqual(['before', 'after 1', 'complete 0']);
  expect(await snapshotsInAws(at, backup)).toHaveLength(3);
  expect(backup).toMatchObject({
    status: 'partial',
    isGeneration: false,
    reasons: [`the snapshot of ${assets.id} was started only after the application ran again`],
  });
  expect(log.some((text) => text.includes('tried again soon'))).toBe(true);
});

test('an answer that is lost while the application is frozen is found by its tag, and the snapshot counts as taken in time', async () => {
  const { backup, ran } = await backUp({
    faults: [{ kind: 'execute-then-drop', match: { action: 'CreateSnapshots' }, count: 1 }],
  });
  expect(ran).toEqual(['before', 'after 1', 'complete 1']);
  expect(backup).toMatchObject({ status: 'successful', snapshotCount: 3 });
});

test('with nothing to snapshot no application is frozen, and "complete" still hears of it', async () => {
  const { backup, ran } = await backUp({ targets: [targetOf(web1, { take: 'none' })] });
  expect(ran).toEqual(['complete 1']);
  expect(backup.status).toBe('successful');
});
