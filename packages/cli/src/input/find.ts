import type { Account, ApiToken, Backup, BackedUpResource, Policy, Schedule, Target } from '@cpm/contract';
import type { Client } from '@cpm/contract/client';
import { isUuid } from '@cpm/core';
import { wrongInput } from '../command.ts';
import { specificError } from '../terminal/report-error.ts';
import { readPages, type PageQuery } from './paging.ts';

type Named = { readonly id: string; readonly name: string };
type Rows<Row> = { readonly items: readonly Row[]; readonly next: string | null };

/** The account of that name or id; throws `not_found`. */
export function findAccount(api: Client, nameOrId: string): Promise<Account> {
  if (isUuid(nameOrId)) return api('GET /accounts/:accountId', { params: { accountId: nameOrId } });
  return findByName('account', nameOrId, (query) => api('GET /accounts', { query }));
}

/** The schedule of that name or id; throws `not_found`. */
export function findSchedule(api: Client, nameOrId: string): Promise<Schedule> {
  if (isUuid(nameOrId)) return api('GET /schedules/:scheduleId', { params: { scheduleId: nameOrId } });
  return findByName('schedule', nameOrId, (query) => api('GET /schedules', { query }));
}

/** The policy of that name or id; throws `not_found`. */
export function findPolicy(api: Client, nameOrId: string): Promise<Policy> {
  if (isUuid(nameOrId)) return api('GET /policies/:policyId', { params: { policyId: nameOrId } });
  return findByName('policy', nameOrId, (query) => api('GET /policies', { query: { ...query, name: nameOrId } }));
}

/** The API token of that name or id; throws `not_found`. */
export async function findToken(api: Client, nameOrId: string): Promise<ApiToken> {
  return findByName('token', nameOrId, (query) => api('GET /tokens', { query }));
}

/** The target of a policy by its own id or by the AWS id of what it protects; throws `not_found`. */
export async function findTarget(api: Client, policyId: string, text: string): Promise<Target> {
  const params = { policyId };
  const { items } = await readAll((query) => api('GET /policies/:policyId/targets', { params, query }));
  const found = items.find((target) => target.id === text || target.resourceId === text);
  if (found === undefined) throw unknown('target', text);
  return found;
}

export type BackupChoice = {
  readonly backup: string;
  readonly policy: string | undefined;
  /** Whether `latest` passes over backups that hold nothing to recover. */
  readonly mustBeRecoverable?: boolean;
};

/** The backup of that id, or the newest one of the policy for `latest`; throws `not_found`. */
export async function findBackup(api: Client, choice: BackupChoice): Promise<Backup> {
  const { backup, policy: policyName, mustBeRecoverable = false } = choice;
  if (isUuid(backup)) return api('GET /backups/:backupId', { params: { backupId: backup } });
  if (backup !== 'latest') throw wrongInput('backup', `"${backup}" is neither the id of a backup nor the word latest`);
  if (policyName === undefined) throw wrongInput('--policy', 'say whose latest backup is meant');
  const policy = await findPolicy(api, policyName);
  const limit = mustBeRecoverable ? 50 : 1;
  let cursor: string | undefined;
  do {
    const query = { policyId: policy.id, sort: '-startedAt', limit, cursor };
    const page = await api('GET /backups', { query });
    const found = page.items.find((row) => row.recoverable || !mustBeRecoverable);
    if (found !== undefined) return found;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  throw unknown(mustBeRecoverable ? 'recoverable backup of the policy' : 'backup of the policy', policy.name);
}

/** The frozen backup of that name or id; throws `not_found`. */
export async function findFrozen(api: Client, nameOrId: string): Promise<Backup> {
  if (isUuid(nameOrId)) return api('GET /backups/:backupId', { params: { backupId: nameOrId } });
  const { items } = await readAll((query) => api('GET /freezer', { query: { ...query, search: nameOrId } }));
  const found = items.find(({ frozen }) => frozen?.name === nameOrId);
  if (found === undefined) throw unknown('frozen backup', nameOrId);
  return found;
}

/** What a backup holds, resource by resource. */
export async function readResources(api: Client, backupId: string): Promise<readonly BackedUpResource[]> {
  return (await api('GET /backups/:backupId/resources', { params: { backupId } })).items;
}

/** Every row of a list. */
export function readAll<Row>(
  read: (query: PageQuery) => Promise<Rows<Row>>,
): Promise<{ readonly items: readonly Row[] }> {
  return readPages({ limit: undefined, all: true }, read);
}

async function findByName<Row extends Named>(
  noun: string,
  nameOrId: string,
  read: (query: PageQuery) => Promise<Rows<Row>>,
): Promise<Row> {
  const { items } = await readAll(read);
  const found = items.filter((row) => row.name === nameOrId || row.id === nameOrId);
  const [first, ...others] = found;
  if (first === undefined) throw unknown(noun, nameOrId);
  if (others.length === 0) return first;
  throw wrongInput(
    noun,
    `${found.length} have the name "${nameOrId}"; give an id: ${found.map((row) => row.id).join(', ')}`,
  );
}

function unknown(noun: string, text: string): Error {
  return specificError(
    'not_found',
    `There is no ${noun} ${text}.`,
    'Check the name: it may be gone, or belong to another user.',
  );
}
