import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, NewTarget, Policy } from '@cpm/contract';
import { OUTCOME_TABLE, type SnapshotCase, type StepCase } from '@cpm/core';
import { addAccount, say, untilEnded } from './ask-cpm.ts';
import { tellBackup } from './tell-backup.ts';
import { BROKEN_VOLUME, DATABASE, FILE_SERVER, REGION, SHOP_SERVER, troubled } from './troubled-estate.ts';

type Trouble = {
  readonly name: string;
  readonly what: string;
  readonly targets: NewTarget[];
  readonly scripts?: Policy['scripts'];
  /** Where docs/outcomes.md has it. */
  readonly snapshots: SnapshotCase;
  readonly steps: StepCase;
};

const SCRIPT_SECONDS = 5;
const POLL_MS = 1_000;

const TROUBLES: readonly Trouble[] = [
  {
    name: 'files',
    what: 'every snapshot of one of its two volumes ends in error',
    targets: [
      { kind: 'instance', region: REGION, resourceId: FILE_SERVER },
      { kind: 'volume', region: REGION, resourceId: BROKEN_VOLUME },
    ],
    snapshots: 'some failed',
    steps: 'all fine',
  },
  {
    name: 'shop',
    what: `its "before" script hangs for ever; scripts are given ${SCRIPT_SECONDS} seconds`,
    targets: [{ kind: 'instance', region: REGION, resourceId: SHOP_SERVER }],
    scripts: { runner: 'server', timeoutSeconds: SCRIPT_SECONDS, collectOutput: true, ssm: null },
    snapshots: 'all completed',
    steps: '"before", "after" or VSS failed',
  },
  {
    name: 'bookings',
    what: "CPM's user in AWS may not make snapshots of databases",
    targets: [{ kind: 'database', region: REGION, resourceId: DATABASE }],
    snapshots: 'all failed',
    steps: 'all fine',
  },
];

/** Three policies that meet trouble: what became of each backup, and of its one retry a minute later. */
export async function tellTroubles(call: Client, { dataDir }: { readonly dataDir: string }): Promise<void> {
  writeScripts(dataDir);
  const policies = (await findPolicies(call)) ?? (await setUp(call));
  say('\nAll three run now…');
  const firsts = await Promise.all(
    policies.map(async ({ id: policyId }) => {
      const { backupId } = await call('POST /policies/:policyId/run', { params: { policyId } });
      return untilEnded(call, backupId);
    }),
  );
  for (const [index, trouble] of TROUBLES.entries()) {
    const backup = firsts[index];
    if (backup !== undefined) await tellBackup(call, `Policy ${trouble.name}: ${trouble.what}`, backup);
    say(`  In docs/outcomes.md: ${wordOfTable(trouble)}`);
  }
  say('\nA minute later each is tried once more…');
  for (const [index, { name }] of TROUBLES.entries()) {
    const backup = firsts[index];
    if (backup === undefined || backup.retryAt === null) continue;
    const retry = await untilEnded(call, await findRetry(call, backup.id));
    await tellBackup(call, `Policy ${name}: its retry`, retry);
  }
  say('\nWhat completed is recoverable all the same; the console has it all, and what is wrong under its bell.');
}

/** "before" really hangs, and leaves a child behind that hangs as well. */
function writeScripts(dataDir: string): void {
  const directory = join(dataDir, 'scripts');
  mkdirSync(directory, { recursive: true });
  const write = (step: string, lines: string) =>
    writeFileSync(join(directory, `${step}_shop.sh`), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  write('before', 'echo "waiting for a lock that nobody gives back" >&2\nsleep 86400 & sleep 86400');
  write('after', 'echo "the shop goes on, told $1" >&2');
  write('complete', 'echo "told $1" >&2');
}

async function findPolicies(call: Client): Promise<readonly Policy[] | null> {
  const { items } = await call('GET /policies', {});
  const found = TROUBLES.map(({ name }) => items.find((policy) => policy.name === name));
  const policies = found.filter((policy) => policy !== undefined);
  if (policies.length < TROUBLES.length) return null;
  say('The data of an earlier start is here; its policies run once more.');
  return policies;
}

async function setUp(call: Client): Promise<readonly Policy[]> {
  const { id: accountId } = await addAccount(call, 'troubled', troubled);
  const policies: Policy[] = [];
  for (const { name, what, targets, scripts } of TROUBLES) {
    const body = { name, accountId, generations: 7, retries: 1, retryWaitMinutes: 1 };
    const policy = await call('POST /policies', { body: { ...body, ...(scripts === undefined ? {} : { scripts }) } });
    await call('POST /policies/:policyId/targets', { params: { policyId: policy.id }, body: { targets } });
    say(`Policy ${name}: ${what}`);
    policies.push(policy);
  }
  return policies;
}

async function findRetry(call: Client, backupId: string): Promise<string> {
  for (;;) {
    const { items } = await call('GET /backups', { query: { limit: 20 } });
    const found = items.find(({ retry }) => retry?.of === backupId);
    if (found !== undefined) return found.id;
    await delay(POLL_MS);
  }
}

function wordOfTable({ snapshots, steps }: Trouble): string {
  const row = OUTCOME_TABLE.find(
    (each) =>
      !each.aborted &&
      each.snapshots.includes(snapshots) &&
      each.steps.includes(steps) &&
      each.successRules.includes('no-issues'),
  );
  if (row === undefined) throw new Error('the table of outcomes has no such row');
  const counts = row.isGeneration ? 'a generation' : 'no generation';
  return `snapshots ${snapshots}, scripts ${steps}: ${row.status}, ${counts}, ${row.isRetried ? '' : 'not '}retried`;
}
