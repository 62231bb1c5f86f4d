import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type Backup, type Client } from '@cpm/contract';
import { OUTCOME_TABLE, type OutcomeRow } from '@cpm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinnedFetch, type PinnedFetch } from './support/pinned-fetch.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
/** A retry comes a minute after the end of what it tries again. */
const PATIENCE_MS = 180_000;

let directory: string;
let door: PinnedFetch | undefined;
let call: Client;
let stop: () => Promise<unknown>;
let said = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cpm-demo-'));
  // PostgreSQL runs as another account where root starts it: it must be able to enter.
  await chmod(directory, 0o711);
  const args = [DEMO, '--estate', 'troubled', '--port', '0', '--data', join(directory, 'data')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const told = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('CPM runs until you press Ctrl-C')) resolve();
    });
  });
  const ended = once(child, 'exit');
  stop = () => {
    child.kill('SIGINT');
    return ended;
  };
  await Promise.race([
    told,
    ended.then(([code]) => Promise.reject(new Error(`the demo ended with ${String(code)}: ${said}`))),
  ]);
  const [, url = ''] = /Console +(https:\S+)/.exec(said) ?? [];
  const [, password = ''] = /Password +(\S+)/.exec(said) ?? [];
  const opened = pinnedFetch(await readFile(join(directory, 'data', 'tls', 'server.crt'), 'utf8'));
  door = opened;
  let cookie = '';
  call = createClient({
    baseUrl: `${url}/api/v1`,
    headers: () => ({ cookie }),
    fetch: async (address, init) => {
      const answer = await opened.fetch(address, init);
      cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
      return answer;
    },
  });
  await call('POST /session', { body: { name: 'admin', password } });
}, PATIENCE_MS);

afterAll(async () => {
  await stop();
  door?.close();
  await rm(directory, { recursive: true, force: true });
});

const rowOf = (snapshots: OutcomeRow['snapshots'][number], steps: OutcomeRow['steps'][number]): OutcomeRow => {
  const row = OUTCOME_TABLE.find(
    (each) =>
      !each.aborted &&
      each.snapshots.includes(snapshots) &&
      each.steps.includes(steps) &&
      each.successRules.includes('no-issues'),
  );
  if (row === undefined) throw new Error('there is no such row');
  return row;
};

/** What the demo said of a backup, from its heading to the next. */
const accountOf = (heading: string): string => {
  const from = said.indexOf(`\n${heading}`, said.indexOf('All three run now'));
  return said.slice(from, said.indexOf('\n\n', from + 1));
};

describe('the demo of a troubled estate', () => {
  it.each([
    ['files', 'some failed', 'all fine', 'Backup Partially Successful'],
    ['shop', 'all completed', '"before", "after" or VSS failed', 'Backup Partially Successful'],
    ['bookings', 'all failed', 'all fine', 'Backup Failed'],
  ] as const)('%s ends as the table of outcomes says, and so does its retry', async (name, snapshots, steps, words) => {
    const row = rowOf(snapshots, steps);
    const { items: policies } = await call('GET /policies', { query: { name } });
    const { items } = await call('GET /backups', { query: { policyId: policies[0]?.id } });
    const [retry, first] = items as [Backup, Backup];
    expect(items).toHaveLength(2);
    const outcome = { status: row.status, isGeneration: row.isGeneration, statusText: words };
    expect(first).toMatchObject({ ...outcome, trigger: 'manual' });
    // With no retries left a backup is never retried.
    expect(retry).toMatchObject({ ...outcome, trigger: 'retry', retry: { of: first.id, number: 1 }, retryAt: null });
    const { items: scripts } = await call('GET /backups/:backupId/scripts', { params: { backupId: first.id } });
    const complete = scripts.filter(({ step }) => step === 'complete').map(({ argument }) => argument);
    expect(complete).toEqual(name === 'shop' ? [row.complete] : []);
    const account = accountOf(`Policy ${name}: `);
    expect(account).toMatch(new RegExp(`^  Outcome +${words}$`, 'm'));
    expect(account).toMatch(new RegExp(`^  Generation +${row.isGeneration ? 'yes' : 'no'};`, 'm'));
    expect(account).toMatch(row.isRetried ? /^ {2}Retry +at \d\d:/m : /^ {2}Retry +none/m);
    expect(account).toMatch(/^ {2}Log +\d\d:\d\d:\d\d /m);
    expect(accountOf(`Policy ${name}: its retry`)).toMatch(/^ {2}Retry +none: no retries are left$/m);
  });

  it('says why: the reason of AWS, the time that ran out, and what would allow the denied call', () => {
    expect(accountOf('Policy files: ')).toContain('The disk could not be read');
    expect(accountOf('Policy files: ')).toMatch(
      /^ {2}Snapshots +1 completed, 1 error$|^ {2}Snapshots +1 error, 1 com/m,
    );
    expect(accountOf('Policy shop: ')).toContain('ran longer than 5 s and was ended');
    expect(accountOf('Policy shop: ')).toMatch(/"after" \(told 0\): succeeded/);
    expect(accountOf('Policy bookings: ')).toMatch(/"Action":\["rds:CreateDBSnapshot"/);
  });
});
