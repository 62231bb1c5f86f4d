import { randomUUID } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '@cpm/core';
import type { Estate } from '@cpm/simulator';
import { sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../packages/server/src/db/schema.ts';
import type { Shape } from '../../packages/simulator/src/testing/driver.ts';
import { sdkDriver } from '../../packages/simulator/src/testing/sdk-driver.ts';
import { buildHouse, type House, type Stage } from '../simulate/support/stage.ts';
import { checkInvariants, type Evidence } from './check.ts';
import { reckonDueSlots } from './i04-slots.ts';
import { parseTrace, TRACE_LINE } from './i05-scripts.ts';

const CPM = { accessKeyId: 'AKIAPLANTEDCPM000001', secretAccessKey: 'planted-secret-of-the-backup-user-00001' };
const PEOPLE = { accessKeyId: 'AKIAPLANTEDPEOPLE001', secretAccessKey: 'planted-secret-of-the-administrators-01' };
const REGION = 'us-east-1';
const VOLUME = 'vol-0aaaaaaaaaaaaaaa1';
const START = Date.parse('2026-06-01T00:00:00.000Z');
const DAY = 24 * 3_600_000;
const user = { attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] };
const estate: Estate = {
  name: 'one volume',
  regions: [REGION],
  accounts: [
    {
      id: '111122223333',
      accessKeys: [
        { ...CPM, user: 'cpm' },
        { ...PEOPLE, user: 'people' },
      ],
      users: [
        { name: 'cpm', ...user },
        { name: 'people', ...user },
      ],
      regions: { [REGION]: { volumes: [{ id: VOLUME, sizeGiB: 8, zone: 'a' }] } },
    },
  ],
};

let house: House;
let stage: Stage;
const slots = reckonDueSlots();
const hands = sdkDriver();
const act = (action: string, input: object, keys = PEOPLE): Promise<Shape> =>
  hands.call({ url: stage.aws.url, service: 'ec2', region: REGION, ...keys }, action, input);
const traceFile = () => join(stage.scriptsDir, 'trace.txt');

async function evidence(): Promise<Evidence> {
  return {
    db: stage.db,
    aws: stage.aws,
    due: slots.all(),
    trace: parseTrace(await readFile(traceFile(), 'utf8')),
    alerts: { clockWasSet: false },
    secrets: [CPM.secretAccessKey],
    texts: [{ name: 'the log of the server', text: stage.log() }],
    writers: true,
  };
}

const namesOf = (violations: readonly string[]): string[] =>
  [...new Set(violations.map((each) => each.split(':')[0] ?? ''))].toSorted();
/** The names of the invariants that the checker finds violated. */
const found = async (change: Partial<Evidence> = {}): Promise<string[]> =>
  namesOf(await checkInvariants({ ...(await evidence()), ...change }));

/** What the checker names after a change of the records, which is taken back. */
async function foundAfter(plant: (tx: Transaction<Database>) => Promise<unknown>): Promise<string[]> {
  const tx = await stage.db.startTransaction().execute();
  try {
    await plant(tx);
    return await found({ db: tx });
  } finally {
    await tx.rollback().execute();
  }
}

const tags = (more: Record<string, string>, type: string) => [
  {
    ResourceType: type,
    Tags: Object.entries(more).map(([Key, Value]) => ({ Key, Value })),
  },
];
const installationTag = async () => {
  const row = await stage.db.selectFrom('settings').select('value').where('key', '=', 'installation_id').execute();
  return { 'cpm:installation': String(row[0]?.value) };
};
const goodBackups = () =>
  stage.db
    .selectFrom('backups')
    .selectAll()
    .where('status', '=', 'successful')
    .where('deleted_at', 'is', null)
    .orderBy('started_at', 'desc')
    .execute();

/** Five days of one policy with scripts: good backups of which the oldest are deleted, a failure, and a firing missed. */
async function live(): Promise<void> {
  const { anna, driver } = stage;
  const account = await anna.call('POST /accounts', { body: { name: 'company', ...CPM } });
  const rule = { repeat: { every: 1, unit: 'days' }, zone: 'UTC', startLocal: '2026-06-01T02:00' } as const;
  const schedule = await anna.call('POST /schedules', { body: { name: 'nightly', ...rule } });
  slots.setSchedule(
    schedule.id,
    { ...schedule, startLocal: rule.startLocal, endAt: null, enabled: true } as unknown as Parameters<
      typeof slots.setSchedule
    >[1],
    stage.clock.now(),
  );
  for (const step of ['before', 'after', 'complete']) {
    const text = `#!/bin/sh\n${TRACE_LINE} >> '${traceFile()}'\n`;
    await writeFile(join(stage.scriptsDir, `${step}_files.sh`), text, { mode: 0o755 });
  }
  const wish = { generations: 2, retries: 0, scripts: { runner: 'server' as const } };
  const policy = await anna.call('POST /policies', {
    body: { name: 'files', accountId: account.id, scheduleIds: [schedule.id], ...wish },
  });
  slots.setPolicy(policy.id, { enabled: true, scheduleIds: [schedule.id] });
  const targets = [{ kind: 'volume' as const, region: REGION, resourceId: VOLUME }];
  await anna.call('POST /policies/:policyId/targets', { params: { policyId: policy.id }, body: { targets } });
  await driver.moveTo(3 * DAY);
  const clear = await stage.aws.fault({ kind: 'deny', match: { action: 'CreateSnapshot*' } });
  await driver.moveTo(4 * DAY);
  await clear();
  await stage.restart(DAY);
  await driver.moveTo(6 * DAY);
}

beforeAll(async () => {
  house = await buildHouse();
  stage = await house.open({
    startMs: START,
    aws: { estate, seed: 7, limits: 'off', timing: { snapshotBaseMs: 500, snapshotPerGiBMs: 0 } },
    onSettled: (now: Instant) => slots.reach(now),
  });
  await live();
}, 120_000);
afterAll(async () => {
  await stage.close();
  await house.close();
});

describe('The checker of the invariants', () => {
  it('finds nothing in an installation that has lived', async () => {
    expect(await checkInvariants(await evidence())).toEqual([]);
    expect((await goodBackups()).length).toBe(2);
    expect((await stage.db.selectFrom('skipped_firings').selectAll().execute()).length).toBe(1);
  });

  it('I1: names a snapshot of this installation that no record knows', async () => {
    const own = { ...(await installationTag()), 'cpm:attempt': 'planted', 'cpm:backup': 'planted' };
    const input = { VolumeId: VOLUME, TagSpecifications: tags(own, 'snapshot') };
    const { SnapshotId } = await act('CreateSnapshot', input, CPM);
    expect(await found()).toEqual(['I1']);
    await act('DeleteSnapshot', { SnapshotId });
    expect(await found()).toEqual([]);
  });

  it('I2: names a record that is shown as completed of what AWS has no more', async () => {
    const plant = (tx: Transaction<Database>) =>
      tx.updateTable('snapshots').set({ state: 'completed' }).where('state', '=', 'deleted').execute();
    expect(await foundAfter(plant)).toEqual(['I2']);
  });

  it('I2: names a backup that is shown as recoverable and holds nothing', async () => {
    const plant = (tx: Transaction<Database>) =>
      tx.updateTable('backups').set({ recoverable: true }).where('deleted_at', 'is not', null).execute();
    expect(await foundAfter(plant)).toEqual(['I2']);
  });

  it('I3: names a policy that keeps more or fewer generations than it should', async () => {
    const plant = (generations: number) => (tx: Transaction<Database>) =>
      tx.updateTable('policies').set({ generations }).execute();
    expect(await foundAfter(plant(1))).toEqual(['I3']);
    expect(await foundAfter(plant(3))).toEqual(['I3']);
  });

  it('I3: names a frozen backup whose snapshot CPM has deleted', async () => {
    const plant = (tx: Transaction<Database>) =>
      tx
        .updateTable('backups')
        .set({ frozen_at: sql`now()`, frozen_name: sql`id::text` })
        .where('deleted_at', 'is not', null)
        .execute();
    expect(await foundAfter(plant)).toEqual(['I3']);
  });

  it('I4: names a slot without a backup or record, one with two, and what was never due', async () => {
    const forget = (tx: Transaction<Database>) => tx.deleteFrom('skipped_firings').execute();
    expect(await foundAfter(forget)).toEqual(['I4']);
    const [good] = await goodBackups();
    const row = (dueAt: unknown) => (tx: Transaction<Database>) =>
      sql`insert into skipped_firings (policy_id, due_at, recorded_at, reason)
        values (${good?.policy_id}, ${dueAt}, now(), 'planted')`.execute(tx);
    expect(await foundAfter(row(sql`${new Date(good?.due_at ?? 0).toISOString()}::timestamptz`))).toEqual(['I4']);
    expect(await foundAfter(row(sql`'2026-06-02T12:34:00Z'::timestamptz`))).toEqual(['I4']);
  });

  it('I5: names a script that ran twice, and an "after" that never came', async () => {
    const whole = await readFile(traceFile(), 'utf8');
    const [good] = await goodBackups();
    await appendFile(traceFile(), `${good?.id} before \n`);
    expect(await found()).toEqual(['I5']);
    await writeFile(traceFile(), whole.replaceAll(/^.* after .*\n/gm, ''));
    expect(await found()).toEqual(['I5']);
    await writeFile(traceFile(), whole);
    expect(await found()).toEqual([]);
  });

  it('I6: names a backup that is called successful although a script or a snapshot of it failed', async () => {
    // The written table of outcomes (BKP-4) says the same of it.
    const script = (tx: Transaction<Database>) =>
      tx
        .updateTable('backup_scripts')
        .set({ state: 'failed', reason: 'planted' })
        .where('step', '=', 'complete')
        .execute();
    expect(await foundAfter(script)).toEqual(['BKP-4', 'I6']);
    const snapshot = (tx: Transaction<Database>) =>
      tx.updateTable('snapshots').set({ state: 'error' }).where('state', '=', 'completed').execute();
    expect(await foundAfter(snapshot)).toEqual(['BKP-4', 'I2', 'I6']);
  });

  it('I7: names a secret in a log and in a column, also in disguise', async () => {
    const text = `{"msg":"${CPM.secretAccessKey}"}`;
    expect(await found({ texts: [{ name: 'a log', text }] })).toEqual(['I7']);
    const disguised = Buffer.from(`key=${CPM.secretAccessKey}`).toString('base64');
    const plant = (tx: Transaction<Database>) => tx.updateTable('accounts').set({ name: disguised }).execute();
    expect(await foundAfter(plant)).toEqual(['I7']);
  });

  it('I8: names what a recovery made and did not list', async () => {
    const own = { ...(await installationTag()), 'cpm:recovery': 'planted' };
    const input = { AvailabilityZone: `${REGION}a`, Size: 1, TagSpecifications: tags(own, 'volume') };
    const { VolumeId } = await act('CreateVolume', input, CPM);
    expect(await found()).toEqual(['I8']);
    await stage.driver.moveTo(stage.clock.monotonicMs() + 60_000);
    await act('DeleteVolume', { VolumeId });
    await stage.driver.moveTo(stage.clock.monotonicMs() + 60_000);
    expect(await found()).toEqual([]);
  });

  it('I8: names a thing that a record gives another state, and a roll back that left something or never ended', async () => {
    const [good] = await goodBackups();
    const id = randomUUID();
    const plant =
      (settled: string | null, objects: readonly { role: string; state: string; awsId: string }[]) =>
      async (tx: Transaction<Database>) => {
        await sql`insert into recoveries (id, owner_id, backup_id, policy_id, policy_name, account_id, account_name, kind,
            region, source_name, inputs, sealed_plan, warnings, status, step, progress_percent, reasons, started_at, ended_at,
            settled)
          select ${id}::uuid, owner_id, id, policy_id, policy_name, account_id, account_name, 'volumes', ${REGION}::text, 'planted',
            '{}', '\\x00', '{}', 'successful', '', 100, '{}', now(), now(), ${settled}::text
          from backups where id = ${good?.id}`.execute(tx);
        for (const [position, { role, state, awsId }] of objects.entries())
          await sql`insert into recovery_objects
              (id, recovery_id, position, kind, role, region, token, aws_id, state, note, made_at)
            values (${randomUUID()}::uuid, ${id}::uuid, ${position}, 'volume', ${role}, ${REGION}, 'planted', ${awsId}, ${state},
              '', now())`.execute(tx);
      };
    const isThere = { role: 'replaced', state: 'kept', awsId: VOLUME };
    expect(await foundAfter(plant(null, [isThere]))).toEqual([]);
    expect(await foundAfter(plant(null, [{ ...isThere, state: 'removed' }]))).toEqual(['I8']);
    expect(await foundAfter(plant(null, [{ ...isThere, awsId: 'vol-0123456789abcdef0' }]))).toEqual(['I8']);
    expect(await foundAfter(plant('rolling-back', []))).toEqual(['I8']);
    const own = { ...(await installationTag()), 'cpm:recovery': id };
    const input = { AvailabilityZone: `${REGION}a`, Size: 1, TagSpecifications: tags(own, 'volume') };
    const { VolumeId } = await act('CreateVolume', input, CPM);
    const made = [{ role: 'made', state: 'kept', awsId: String(VolumeId) }];
    expect(await foundAfter(plant('kept', made))).toEqual([]);
    expect(await foundAfter(plant('rolled-back', made))).toEqual(['I8']);
    await stage.driver.moveTo(stage.clock.monotonicMs() + 60_000);
    await act('DeleteVolume', { VolumeId });
    await stage.driver.moveTo(stage.clock.monotonicMs() + 60_000);
    expect(await found()).toEqual([]);
  });

  it('I9: names a failure without an alert, and an alert that outlives the next success', async () => {
    const silence = (category: 'backup' | 'missed') => (tx: Transaction<Database>) =>
      tx.deleteFrom('alerts').where('category', '=', category).execute();
    expect(await foundAfter(silence('backup'))).toEqual(['I9']);
    expect(await foundAfter(silence('missed'))).toEqual(['I9']);
    const open = (tx: Transaction<Database>) =>
      tx.updateTable('alerts').set({ closed_at: null }).where('category', '=', 'backup').execute();
    expect(await foundAfter(open)).toEqual(['I9']);
  });

  it('I10: names a claim of which two servers have written', async () => {
    const plant = async (tx: Transaction<Database>) => {
      await sql`set local application_name = 'a server that was thawed'`.execute(tx);
      await sql`update jobs set state = 'running', ended_at = null, worker_id = (select id from workers)
        where kind = 'run-backup'`.execute(tx);
    };
    expect(await foundAfter(plant)).toEqual(['I10']);
  });

  it('I11: names what never ended, and work that was given up', async () => {
    const [good] = await goodBackups();
    const reopen = (tx: Transaction<Database>) =>
      sql`update backups set ended_at = null, status = null, phase = 'waiting', is_generation = true
        where id = ${good?.id}`.execute(tx);
    expect(await foundAfter(reopen)).toContain('I11');
    const giveUp = (tx: Transaction<Database>) =>
      sql`update jobs set state = 'failed', last_error = 'planted', ended_at = now() where kind = 'run-backup'`.execute(
        tx,
      );
    expect(await foundAfter(giveUp)).toEqual(['I11']);
  });

  it('F1: names a second snapshot of one source in one backup', async () => {
    const [good] = await goodBackups();
    const own = { ...(await installationTag()), 'cpm:attempt': 'planted too', 'cpm:backup': good?.id ?? '' };
    const input = { VolumeId: VOLUME, TagSpecifications: tags(own, 'snapshot') };
    const { SnapshotId } = await act('CreateSnapshot', input, CPM);
    expect(await found()).toEqual(['F1', 'I1']);
    await act('DeleteSnapshot', { SnapshotId });
    expect(await found()).toEqual([]);
  });

  // What follows cannot be taken back: each adds to what the one before it left.
  it('I2: names a good backup whose snapshot is gone from AWS', async () => {
    const [, older] = await goodBackups();
    const record = await stage.db
      .selectFrom('snapshots')
      .select('aws_snapshot_id as id')
      .where('backup_id', '=', older?.id ?? null)
      .executeTakeFirstOrThrow();
    await act('DeleteSnapshot', { SnapshotId: record.id });
    expect(await found()).toEqual(['I2']);
  });

  it('I3: names a snapshot of somebody else that CPM has deleted', async () => {
    const { SnapshotId } = await act('CreateSnapshot', { VolumeId: VOLUME });
    await act('DeleteSnapshot', { SnapshotId }, CPM);
    expect(await found()).toEqual(['I2', 'I3']);
  });

  it('I8: names an old volume that CPM has deleted without a recovery that replaced it', async () => {
    const before = await found();
    const { VolumeId } = await act('CreateVolume', { AvailabilityZone: `${REGION}a`, Size: 1 });
    await stage.driver.moveTo(stage.clock.monotonicMs() + 60_000);
    await act('DeleteVolume', { VolumeId }, CPM);
    await stage.driver.moveTo(stage.clock.monotonicMs() + 60_000);
    expect(before).not.toContain('I8');
    expect(await found()).toEqual(expect.arrayContaining(['I3', 'I8']));
  });
});
