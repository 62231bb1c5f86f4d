import { randomBytes, randomUUID } from 'node:crypto';
import { createAwsGateway } from '@cpm/aws/sdk';
import type { PolicyScripts, ScriptStep } from '@cpm/core';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { secretBinding } from '../../packages/server/src/accounts/account-access.ts';
import { createSecretBox } from '../../packages/server/src/accounts/secret-box.ts';
import { systemClock } from '../../packages/server/src/clock.ts';
import { createTestEngine, kindOf, until, type TestEngine } from '../../packages/server/src/engine/test-engine.ts';
import { beginSsmStep } from '../../packages/server/src/scripts/run-ssm-step.ts';
import { findScriptRecord, saveScriptStart, type ScriptEnd } from '../../packages/server/src/scripts/scripts.store.ts';
import { plantBackup } from '../../packages/server/src/scripts/test-backup.ts';
import { startSimulatedAws, type SimulatedAws } from './support/simulated-aws.ts';

const KEYS = { accessKeyId: 'AKIASCRIPTS000000001', secretAccessKey: 'secret-of-the-scripts-on-instances-00001' };
const REGION = 'eu-central-1';
const [LINUX, AWAY, UNMANAGED] = ['i-0aaaaaaaaaaaaaaa1', 'i-0aaaaaaaaaaaaaaa3', 'i-0aaaaaaaaaaaaaaa4'];
const ESTATE = {
  name: 'scripts on instances',
  regions: [REGION],
  accounts: [
    {
      id: '111122223333',
      accessKeys: [{ ...KEYS, user: 'owner' }],
      users: [{ name: 'owner', attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
      regions: {
        [REGION]: {
          instances: [
            { id: LINUX, image: 'al2023', type: 't3.micro', managed: true },
            { id: AWAY, image: 'al2023', type: 't3.micro', managed: { online: false } },
            { id: UNMANAGED, image: 'al2023', type: 't3.micro' },
          ],
        },
      },
    },
  ],
};

const log = pino({ level: 'silent' });
const clock = systemClock();
const secrets = createSecretBox(randomBytes(32));
let engine: TestEngine;
let cloud: SimulatedAws;
let aws: ReturnType<typeof createAwsGateway>;
let backup: Awaited<ReturnType<typeof plantBackup>>;

const control = async (path: string, method: string, body?: object) => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await fetch(`${cloud.url}/_simulator/${path}`, init);
  if (!answer.ok) throw new Error(await answer.text());
};

beforeAll(async () => {
  engine = await createTestEngine();
  cloud = await startSimulatedAws({ estate: ESTATE });
  aws = createAwsGateway({ clock, log, endpointUrl: cloud.url });
});

afterAll(async () => {
  aws.close();
  await cloud.stop();
  await engine.stop();
});

beforeEach(async () => {
  backup = await plantBackup(engine.db, clock.now());
  const secret_key = secrets.seal(KEYS.secretAccessKey, secretBinding(backup.accountId, backup.ownerId));
  await engine.db
    .updateTable('accounts')
    .set({ access_key_id: KEYS.accessKeyId, secret_key })
    .where('id', '=', backup.accountId)
    .execute();
});

afterEach(async () => {
  await control('faults', 'DELETE');
  await control('commands', 'DELETE');
});

const scripts: PolicyScripts = {
  runner: 'ssm',
  timeoutSeconds: 5,
  collectOutput: true,
  ssm: { before: 'freeze', after: 'thaw "$1"', complete: '', instanceIds: [] },
};

type Wanted = { readonly step: ScriptStep; readonly argument?: '1' | '0'; readonly instanceIds?: readonly string[] };

/** Runs the step in a job of a worker, as the job of a backup does. */
async function run({ step, argument, instanceIds = [LINUX ?? ''] }: Wanted): Promise<ScriptEnd | null> {
  const kind = `step-${randomUUID()}`;
  let end: ScriptEnd | null | undefined;
  const instances = instanceIds.map((instanceId) => ({ region: REGION, instanceId }));
  const context = { db: engine.db, clock, aws, secrets };
  const wanted = { backup, accountId: backup.accountId, step, argument: argument ?? null, scripts, instances };
  const worker = await engine.start({
    [kind]: kindOf(async (job) => {
      const run = await beginSsmStep(context, job, wanted);
      end = run === null ? null : await run();
      return job.done();
    }),
  });
  await engine.enqueue({ kind, subjectId: backup.id });
  await until('the step has ended', () => end !== undefined, 40_000);
  await worker.stop();
  return end ?? null;
}

type Sent = {
  readonly id: string;
  readonly state?: string;
  readonly comment?: string;
  readonly parameters?: { readonly commands: readonly string[] };
};

const sent = async () => {
  const all = (await cloud.things({ type: 'ssm-command' }, 'all')) as readonly Sent[];
  return all.filter(({ comment }) => comment?.includes(backup.id));
};

/** What a server that died left on record. */
const plantStart = (step: ScriptStep, argument: string) => {
  const { ownerId, id: backupId } = backup;
  const start = { ownerId, backupId, step, runner: 'ssm', argument, startedAt: clock.now() } as const;
  return saveScriptStart(engine.db, { ...start, id: randomUUID() });
};

describe("a policy's commands on its instances", () => {
  test('run once, are told 1 or 0, and hold nothing but what the policy says', async () => {
    expect(await run({ step: 'after', argument: '0' })).toEqual({
      ended: 'succeeded',
      reason: null,
      exitCode: 0,
      errorOutput: '',
    });
    await run({ step: 'after', argument: '0' });
    const commands = await sent();
    expect(commands).toHaveLength(1);
    expect(commands[0]?.parameters?.commands).toEqual(['set -- 0', 'thaw "$1"']);
    expect(await findScriptRecord(engine.db, backup.id, 'after')).toMatchObject({
      runner: 'ssm',
      state: 'succeeded',
      commandId: commands[0]?.id,
    });
  });

  test('are not asked for where the policy has none', async () => {
    expect(await run({ step: 'complete', argument: '1' })).toBeNull();
  });

  test('fail by the exit code of each instance, with what they wrote', async () => {
    await control('commands', 'POST', [{ match: { command: '*freeze*' }, exitCode: 3, stderr: 'no\u001b[31m' }]);
    expect(await run({ step: 'before' })).toEqual({
      ended: 'failed',
      reason: `${LINUX}: it ended with exit code 3`,
      exitCode: 3,
      errorOutput: `[${LINUX}]\nno␛[31m`,
    });
  });

  test('an instance that is not managed, or not reached, is named, and the others run', async () => {
    const end = await run({ step: 'before', instanceIds: [LINUX ?? '', AWAY ?? '', UNMANAGED ?? ''] });
    expect(end).toMatchObject({ ended: 'failed' });
    expect(end?.reason?.split('; ').toSorted()).toEqual([
      `${AWAY}: AWS Systems Manager does not reach it (ConnectionLost)`,
      `${UNMANAGED}: it is not managed by AWS Systems Manager`,
    ]);
    expect(await sent()).toHaveLength(1);
  });

  test('without any running instance they have failed', async () => {
    expect(await run({ step: 'before', instanceIds: [] })).toMatchObject({
      reason: 'none of its instances is running',
    });
  });

  test('one that hangs is ended at its time-out', async () => {
    await control('commands', 'POST', [{ match: { command: '*freeze*' }, hangs: true }]);
    expect(await run({ step: 'before' })).toMatchObject({ reason: `${LINUX}: it ran longer than 5 s and was ended` });
  });

  test('a "before" whose sending got no answer has failed, is not sent again, and is taken back', async () => {
    await control('commands', 'POST', [{ match: { command: '*freeze*' }, hangs: true }]);
    await cloud.fault({ kind: 'execute-then-drop', action: 'SendCommand', count: 1 });
    expect(await run({ step: 'before' })).toMatchObject({
      ended: 'failed',
      reason: `${LINUX}: the answer of AWS to ssm:SendCommand was lost`,
    });
    expect(await sent()).toHaveLength(1);
    await until('it is cancelled', async () => /Cancel/.test((await sent())[0]?.state ?? ''));
  });

  test('an "after" whose sending got no answer is found and followed', async () => {
    await cloud.fault({ kind: 'execute-then-drop', action: 'SendCommand', count: 1 });
    expect(await run({ step: 'after', argument: '1' })).toMatchObject({ ended: 'succeeded' });
    expect(await sent()).toHaveLength(1);
  });

  test('what AWS does not allow is named with the missing action', async () => {
    await cloud.fault({ kind: 'error', action: 'SendCommand', code: 'AccessDeniedException', status: 400, count: 5 });
    const end = await run({ step: 'before' });
    expect(end?.reason).toContain('ssm:SendCommand');
    expect(await sent()).toHaveLength(0);
  });
});

describe('after a crash of the server', () => {
  test('an "after" that was never sent is sent, once', async () => {
    await plantStart('after', '1');
    expect(await run({ step: 'after', argument: '1' })).toMatchObject({ ended: 'succeeded' });
    expect(await sent()).toHaveLength(1);
  });

  test('an "after" that was sent is followed to its end and not sent again', async () => {
    await plantStart('after', '1');
    const port = aws.ssm({ accountKey: 'owner', credentials: async () => KEYS }, REGION);
    const comment = `CPM backup ${backup.id} after`;
    const command = { document: 'AWS-RunShellScript', commands: ['thaw'], timeoutSeconds: 5, comment };
    await port.sendCommand({ ...command, instanceIds: [LINUX ?? ''] });
    expect(await run({ step: 'after', argument: '1' })).toMatchObject({ ended: 'succeeded' });
    expect(await sent()).toHaveLength(1);
  });

  test('a "before" has failed and is not sent again', async () => {
    await plantStart('before', '');
    expect(await run({ step: 'before' })).toMatchObject({ ended: 'failed', exitCode: null });
    expect(await sent()).toHaveLength(0);
  });
});
