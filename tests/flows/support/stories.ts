import type { Account, BackedUpResource, Backup, NewTarget, Policy, Recovery, ScheduleInput } from '@cpm/contract';
import { ApiError } from '@cpm/contract';
import type { Person } from './people.ts';
import { ACME, type SimulatedAws, type Thing } from './simulated-aws.ts';
import type { MovedClock, RunLimits } from './run-clock.ts';
import type { TestServer } from './test-server.ts';

/** What a story needs of a server, wherever it runs. */
export type Stage = Pick<TestServer, 'anna' | 'runUntil' | 'db'> & {
  readonly aws: Omit<SimulatedAws, 'stop'>;
  readonly clock: MovedClock;
};

let count = 0;
const unique = (word: string) => `${word}-${(count += 1)}`;

/** Adds acme's production account, or the one of other keys. */
export async function addAccount(
  person: Person,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string } = ACME.production,
): Promise<Account> {
  return person.call('POST /accounts', { body: { name: unique('account'), ...keys } });
}

type PolicyWish = {
  readonly account: Account;
  readonly targets?: readonly NewTarget[];
  readonly generations?: number;
  readonly scheduleIds?: string[];
  readonly autoTargetRemoval?: 'no' | 'yes' | 'yes-and-alert';
  readonly enabled?: boolean;
  readonly name?: string;
  readonly successRule?: 'no-issues' | 'snapshots-succeed';
  readonly retries?: number;
  readonly retryWaitMinutes?: number;
  readonly copySourceTags?: boolean;
  readonly scripts?: {
    readonly runner: 'none' | 'server' | 'ssm';
    timeoutSeconds?: number;
    collectOutput?: boolean;
    ssm?: { before: string; after: string; complete: string };
  };
};

/** Makes a policy with its targets. */
export async function addPolicy(person: Person, { account, targets = [], name, ...wish }: PolicyWish): Promise<Policy> {
  const body = { name: name ?? unique('policy'), accountId: account.id, ...wish };
  const policy = await person.call('POST /policies', { body });
  if (targets.length > 0) {
    await person.call('POST /policies/:policyId/targets', {
      params: { policyId: policy.id },
      body: { targets: [...targets] },
    });
  }
  return policy;
}

/** Makes a schedule: daily at 10:00 UTC from the first day of the clock on, unless told. */
export async function addSchedule(person: Person, wish: Partial<ScheduleInput> = {}) {
  const body = {
    name: unique('schedule'),
    repeat: { every: 1, unit: 'days' as const },
    zone: 'UTC',
    startLocal: '2026-06-01T10:00',
    ...wish,
  };
  return person.call('POST /schedules', { body });
}

/** Runs a policy now and waits until its backup has ended and its retention has settled. */
export async function runBackup(at: Stage, policy: { readonly id: string }, most?: RunLimits): Promise<Backup> {
  const { backupId } = await at.anna.call('POST /policies/:policyId/run', { params: { policyId: policy.id } });
  return endOfBackup(at, backupId, most);
}

/** Waits until a backup has ended. */
export async function endOfBackup(at: Stage, backupId: string, most?: RunLimits): Promise<Backup> {
  return at.runUntil(
    'the backup has ended',
    async () => {
      const backup = await at.anna.call('GET /backups/:backupId', { params: { backupId } });
      return backup.status !== 'in-progress' && backup;
    },
    most,
  );
}

/** Waits until retention has nothing to do for the policy now: at most it waits for its next try at what AWS refused. */
export async function endOfRetention({ runUntil, db, clock }: Stage, policy: { readonly id: string }): Promise<void> {
  await runUntil('retention has settled', async () => {
    const open = await db
      .selectFrom('jobs')
      .select(['state', 'wake_at as wakeAt'])
      .where('kind', '=', 'apply-retention')
      .where('subject_id', '=', policy.id)
      .where('state', 'in', ['waiting', 'running'])
      .execute();
    return open.every(({ state, wakeAt }) => state === 'waiting' && wakeAt > clock.now());
  });
}

/** Lets so much time go by, with all that falls due in it. */
export async function letPass({ runUntil, clock }: Stage, ms: number): Promise<void> {
  const end = clock.now() + ms;
  await runUntil('the time has passed', () => clock.now() >= end, { end });
}

/** The texts of a backup's log, warnings and errors marked by their level. */
export async function logOf({ anna }: Stage, backup: { readonly id: string }): Promise<string[]> {
  const { items } = await anna.call('GET /backups/:backupId/log', { params: { backupId: backup.id } });
  return items.map(({ level, text }) => (level === 'info' ? text : `${level}: ${text}`));
}

/** What the recovery panel shows of a backup. */
export async function resourcesOf({ anna }: Stage, backup: { readonly id: string }): Promise<BackedUpResource[]> {
  return (await anna.call('GET /backups/:backupId/resources', { params: { backupId: backup.id } })).items;
}

/** CPM's snapshots in the simulated AWS that carry the backup's tag, those deleted too where asked. */
export async function snapshotsInAws({ aws }: Stage, backup: { readonly id: string }, all?: 'all'): Promise<Thing[]> {
  const things = await aws.things({ type: 'snapshot' }, all);
  return things.filter(({ tags }) => tags['cpm:backup'] === backup.id);
}

/** Lets the clock go on while a request looks at AWS, whose request limits CPM keeps by waiting. */
export async function letAnswer<T>({ runUntil }: Pick<Stage, 'runUntil'>, request: Promise<T>): Promise<T> {
  let isAnswered = false;
  const answered = () => void (isAnswered = true);
  request.then(answered, answered);
  await runUntil('the request is answered', () => isAnswered);
  return request;
}

/** Waits until a recovery has ended. */
export async function endOfRecovery({ runUntil, anna }: Stage, { id }: { readonly id: string }): Promise<Recovery> {
  return runUntil('the recovery has ended', async () => {
    const recovery = await anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: id } });
    return recovery.status !== 'in-progress' && recovery;
  });
}

/** The problem with which the API refuses; fails where it does not. */
export async function refusal(call: Promise<unknown>): Promise<ApiError['problem']> {
  const answer = await call.then(
    (answered) => answered,
    (error: unknown) => error,
  );
  if (answer instanceof ApiError) return answer.problem;
  throw new Error(`it was not refused: ${JSON.stringify(answer) ?? String(answer)}`);
}

/** The instance, or independent volume, of that name in the simulated AWS. */
export async function named({ aws }: Stage, name: string): Promise<Thing> {
  const found = (await aws.things()).find(
    ({ type, tags }) => (type === 'instance' || type === 'volume') && tags['Name'] === name,
  );
  if (found === undefined) throw new Error(`the estate has no ${name}`);
  return found;
}

/** A target for a thing of the simulated AWS: all volumes of an instance, unless told. */
export function targetOf(
  thing: Thing,
  volumes: { take: 'all' } | { take: 'none' } | { take: 'some'; volumeIds: string[] } = { take: 'all' },
): NewTarget {
  const { region, id: resourceId } = thing;
  return thing.type === 'instance'
    ? { kind: 'instance', region, resourceId, volumes }
    : { kind: 'volume', region, resourceId };
}
