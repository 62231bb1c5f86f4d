import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { journal, writeScripts, type Step } from './support/scripts.ts';
import type { Fault, Thing } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfBackup,
  letPass,
  logOf,
  named,
  refusal,
  resourcesOf,
  snapshotsInAws,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let account: Awaited<ReturnType<typeof addAccount>>;
let web1: Thing;
beforeAll(async () => {
  at = await startTestServer();
  account = await addAccount(at.anna);
  web1 = await named(at, 'web-1');
});
afterAll(() => at.stop());

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0)) await each();
});

let count = 0;
type Wish = { readonly lines?: Partial<Record<Step, string>>; readonly faults?: readonly Fault[] };

/** Starts a backup with scripts that would be tried again, and answers how to go on with it. */
async function start({ lines = {}, faults = [] }: Wish) {
  const name = `aborted-${(count += 1)}`;
  await writeScripts(at, name, lines);
  const scripts = { runner: 'server' as const, timeoutSeconds: 300 };
  const policy = await addPolicy(at.anna, { account, name, targets: [targetOf(web1)], retries: 3, scripts });
  undo.push(await at.aws.fault(...faults));
  const { backupId } = await at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  const show = () => at.anna.call('GET /backups/:backupId', { params: { backupId } });
  return {
    backupId,
    ran: () => journal(at, name),
    when: (what: string, ask: () => Promise<boolean>) => at.runUntil(what, ask, { hours: 1 }),
    isIn: (phase: string) => async () => (await show()).phase === phase,
    hasRun: (step: string) => async () => (await journal(at, name)).includes(step),
    abort: () => at.anna.call('POST /backups/:backupId/abort', { params: { backupId } }),
    end: () => endOfBackup(at, backupId),
  };
}

const ended = { status: 'failed', isGeneration: false, retryAt: null };

test('aborted while "before" hangs: it is ended, "after" is told 0, no snapshot is made and none is tried again', async () => {
  const backup = await start({ lines: { before: 'sleep 250' } });
  await backup.when('"before" runs', backup.hasRun('before'));
  expect(await backup.abort()).toMatchObject({ phase: 'aborting', statusText: 'Aborting', abort: { by: 'anna' } });
  const end = await backup.end();
  expect(end).toMatchObject({ ...ended, recoverable: false });
  expect(end.reasons[0]).toBe('aborted by anna');
  expect(await backup.ran()).toEqual(['before', 'after 0', 'complete 0']);
  expect(await snapshotsInAws(at, end, 'all')).toEqual([]);
  expect(await logOf(at, end)).toContain('warning: anna aborts this backup');
});

test('aborted while AWS copies: it ends at once, what AWS had begun completes, is recoverable and on record', async () => {
  await at.aws.change({ timing: { snapshotBaseMs: 40 * 60_000 } });
  undo.push(() => at.aws.change({ timing: { snapshotBaseMs: 5_000 } }));
  const backup = await start({});
  await backup.when('it waits', backup.isIn('waiting'));
  await backup.abort();
  const end = await backup.end();
  expect(end).toMatchObject({ ...ended, recoverable: false });
  expect(Date.parse(end.endedAt ?? '') - Date.parse(end.startedAt)).toBeLessThan(10 * 60_000);
  expect(await backup.ran()).toEqual(['before', 'after 1', 'complete 0']);
  await letPass(at, 60 * 60_000);
  const [resource] = await resourcesOf(at, end);
  expect(resource?.snapshots.map(({ state }) => state)).toEqual(['completed', 'completed']);
  const later = await at.anna.call('GET /backups/:backupId', { params: { backupId: end.id } });
  expect(later).toMatchObject({ ...ended, recoverable: true });
});

test('aborted while a call is put off: what was not started is not started any more', async () => {
  const refused = { kind: 'throttle', match: { action: 'CreateSnapshots' } };
  const backup = await start({ faults: [refused] });
  await backup.when('the application was thawed', backup.hasRun('after 1'));
  await backup.abort();
  const end = await backup.end();
  expect(end).toMatchObject({ ...ended, recoverable: false });
  await letPass(at, 30 * 60_000);
  expect(await snapshotsInAws(at, end, 'all')).toEqual([]);
});

test('aborted while "complete" runs: it is ended and not run again', async () => {
  const backup = await start({ lines: { complete: 'sleep 250' } });
  await backup.when('"complete" runs', backup.hasRun('complete 1'));
  await backup.abort();
  const end = await backup.end();
  expect(end).toMatchObject({ ...ended, recoverable: true });
  expect(await backup.ran()).toEqual(['before', 'after 1', 'complete 1']);
});

test('a backup that has ended cannot be aborted, one that is aborting can be asked again, another user’s is unknown', async () => {
  const backup = await start({ lines: { before: 'sleep 250' } });
  await backup.when('"before" runs', backup.hasRun('before'));
  const { backupId } = backup;
  expect(await refusal(at.ben.call('POST /backups/:backupId/abort', { params: { backupId } }))).toMatchObject({
    code: 'not_found',
  });
  await backup.abort();
  expect(await backup.abort()).toMatchObject({ id: backupId });
  await backup.end();
  expect(await refusal(backup.abort())).toMatchObject({ code: 'conflict_not_running' });
});
