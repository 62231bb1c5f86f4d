import type { Backup, Snapshot, VolumeRecoveryInput } from '@cpm/contract';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACME } from './support/simulated-aws.ts';
import {
  addAccount,
  addPolicy,
  endOfRecovery,
  named,
  refusal,
  resourcesOf,
  runBackup,
  targetOf,
} from './support/stories.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let at: TestServer;
let backup: Backup;
let snapshot: Snapshot;
let resourceId: string;
beforeAll(async () => {
  at = await startTestServer();
  const account = await addAccount(at.anna);
  const policy = await addPolicy(at.anna, { account, targets: [targetOf(await named(at, 'web-1'))] });
  backup = await runBackup(at, policy);
  const [web] = await resourcesOf(at, backup);
  resourceId = web?.id ?? '';
  snapshot = web?.snapshots[0] as Snapshot;
});
afterAll(() => at.stop());

type Given = VolumeRecoveryInput['credentials'];
const wish = (credentials: Given) => ({
  params: { backupId: backup.id },
  body: { credentials, volumes: [{ snapshotId: snapshot.id }] },
});
const recover = (credentials: Given) => at.anna.call('POST /backups/:backupId/recoveries/volumes', wish(credentials));
const plan = (credentials: Given) => at.anna.call('POST /backups/:backupId/recovery-plans/volumes', wish(credentials));
const launch = (credentials: Given) =>
  at.anna.call('POST /backups/:backupId/recoveries/instances', {
    params: { backupId: backup.id },
    body: { credentials, resourceId, privateIp: null },
  });
const keysOf = async () => new Set((await at.aws.calls()).map(({ accessKey }) => accessKey));
const counts = async () => [(await at.aws.things()).length, (await at.anna.call('GET /recoveries', {})).items.length];

test.each([
  ['a recovery of volumes', recover],
  ['a recovery of an instance', launch],
  ['a plan', plan],
])('%s is refused with the credentials of another account, before anything is made', async (_, ask) => {
  const before = await counts();
  await at.aws.forgetCalls();
  const problem = await refusal(ask(ACME.recovery));
  expect(problem).toMatchObject({
    status: 400,
    code: 'recovery_refused',
    fields: [{ path: 'credentials', message: expect.stringMatching(/^they belong to the AWS account \d{12}; /) }],
  });
  expect((await at.aws.calls()).map(({ action }) => action)).toEqual(['GetCallerIdentity']);
  expect(await counts()).toEqual(before);
  expect(JSON.stringify(problem)).not.toContain(ACME.recovery.secretAccessKey);
});

test.each([
  ['an unknown key', { accessKeyId: 'AKIAACMENOSUCHKEY001', secretAccessKey: ACME.restorer.secretAccessKey }],
  ['a wrong secret', { ...ACME.restorer, secretAccessKey: 'a-secret-that-is-not-the-one-of-this-key' }],
  ['a session token that is none', { ...ACME.restorer, sessionToken: 'not-a-token-of-this-session' }],
])('%s is refused with the reason that AWS gives', async (_, credentials) => {
  const before = await counts();
  for (const ask of [recover, plan]) {
    const problem = await refusal(ask(credentials));
    expect(problem).toMatchObject({ code: 'aws_credentials_refused' });
    expect(JSON.stringify(problem)).toMatch(
      /InvalidClientTokenId|SignatureDoesNotMatch|AuthFailure|UnrecognizedClient/,
    );
    expect(JSON.stringify(problem)).not.toContain(credentials.secretAccessKey);
  }
  expect(await counts()).toEqual(before);
});

test.each([
  ['an empty key id', { accessKeyId: '', secretAccessKey: 'x' }, 'credentials.accessKeyId'],
  ['no secret', { accessKeyId: 'AKIAACMERESTORER0001' } as NonNullable<Given>, 'credentials.secretAccessKey'],
  ['a secret that is too long', { accessKeyId: 'A', secretAccessKey: 'x'.repeat(257) }, 'credentials.secretAccessKey'],
])('%s is no valid request', async (_, credentials, path) => {
  expect(await refusal(recover(credentials))).toMatchObject({ code: 'invalid_request', fields: [{ path }] });
});

test.each([
  ['volumes', recover],
  ['an instance', launch],
])('every call of a recovery of %s is made with the credentials that were given', async (_, ask) => {
  await at.aws.forgetCalls();
  const recovery = await endOfRecovery(at, await ask(ACME.restorer));
  expect(recovery).toMatchObject({ status: 'successful', usesOwnCredentials: true });
  expect(await keysOf()).toEqual(new Set([ACME.restorer.accessKeyId]));
  expect(recovery.inputs).toMatchObject({ credentials: '(given, not recorded)' });
});

test('a plan is made with the credentials that were given', async () => {
  await at.aws.forgetCalls();
  expect(await plan(ACME.restorer)).toMatchObject({ canStart: true });
  expect(await keysOf()).toEqual(new Set([ACME.restorer.accessKeyId]));
});

test('credentials that may not do it leave a recovery that says so, and what to allow', async () => {
  const recovery = await endOfRecovery(at, await recover(ACME.readOnly));
  expect(recovery).toMatchObject({ status: 'failed' });
  expect(recovery.reasons.join()).toContain('ec2:CreateVolume');
});

test('they are in no table, log line, answer or input, also not while the recovery runs', async () => {
  const started = await recover(ACME.restorer);
  const dump = async () => {
    const { rows } = await sql<{ name: string }>`
      select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(at.db);
    const texts = await Promise.all(
      rows.map(async ({ name }) =>
        JSON.stringify((await sql`select t::text from ${sql.raw(name)} t`.execute(at.db)).rows),
      ),
    );
    return texts.join('\n');
  };
  const during = await dump();
  const recovery = await endOfRecovery(at, started);
  const log = await at.anna.call('GET /recoveries/:recoveryId/log', { params: { recoveryId: recovery.id } });
  const everywhere = [during, await dump(), at.log(), JSON.stringify([started, recovery, log])].join('\n');
  expect(everywhere).toContain(recovery.id);
  expect(everywhere).not.toContain(ACME.restorer.secretAccessKey);
  expect(everywhere).not.toContain(ACME.restorer.accessKeyId);
});

test('a restart of the server in the middle ends the recovery, which names what is left', async () => {
  const started = await recover(ACME.restorer);
  await at.runUntil('the volume is being made', async () => {
    const { objects } = await at.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: started.id } });
    return objects[0]?.awsId ?? null;
  });
  await at.restart();
  const recovery = await endOfRecovery(at, started);
  const [made] = (await at.aws.things({ type: 'volume' })).filter(({ tags }) => tags['cpm:recovery'] === started.id);
  expect(recovery.status).toBe('failed');
  expect(recovery.reasons).toEqual([
    expect.stringContaining('gone with a restart of the server'),
    `in AWS remain ${made?.id}`,
  ]);
  expect(recovery.objects).toMatchObject([{ awsId: made?.id, state: 'kept' }]);
  expect(recovery.rollBack).toMatchObject({ state: 'offered', objects: [{ name: made?.id }] });
});

test('what was made just before such a restart, and nobody heard of, is found by its tag and listed', async () => {
  // The answer never comes: the server is stopped while it waits for it.
  const lost = await at.aws.watchedFault({ kind: 'execute-then-drop', match: { action: 'CreateVolume' } });
  const started = await recover(ACME.restorer);
  await at.runUntil('the call was made', async () => (await lost.struck()) > 0);
  await at.restart();
  await lost.clear();
  const recovery = await endOfRecovery(at, started);
  const [made, ...others] = (await at.aws.things({ type: 'volume' })).filter(
    ({ tags }) => tags['cpm:recovery'] === started.id,
  );
  expect(others).toEqual([]);
  expect(recovery.reasons).toContain(`in AWS remain ${made?.id}`);
  expect(recovery.objects).toContainEqual(expect.objectContaining({ awsId: made?.id, state: 'kept' }));
});
