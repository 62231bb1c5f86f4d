import { randomUUID } from 'node:crypto';
import {
  cpmError,
  parseTargetId,
  resourceIdOf,
  targetOf,
  type Instant,
  type PolicyId,
  type Target,
  type TargetId,
  type TargetKind,
  type UserId,
  type VolumeChoice,
} from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { isNameTaken } from '../db/unique.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';
import { pageAfter, type Page, type PageQuery } from '../http/paging.ts';

export type TargetRow = {
  readonly id: TargetId;
  readonly target: Target;
  readonly resourceName: string;
  readonly addedAt: Instant;
};

const columns = [
  'id',
  'kind',
  'region',
  'resource_id as resourceId',
  'resource_name as resourceName',
  'take',
  'volume_ids as volumeIds',
  'added_at as addedAt',
] as const;

type Row = {
  readonly id: TargetId;
  readonly kind: TargetKind;
  readonly region: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly take: 'all' | 'some' | 'none' | null;
  readonly volumeIds: string[];
  readonly addedAt: Instant;
};

function toTarget({ id, resourceName, addedAt, kind, region, resourceId, take, volumeIds }: Row): TargetRow {
  const volumes: VolumeChoice = take === 'some' ? { take, volumeIds } : { take: take ?? 'all' };
  return { id, target: targetOf(kind, { region, resourceId, volumes }), resourceName, addedAt };
}

const takeOf = (target: Target) => (target.kind === 'instance' ? target.volumes.take : null);
const volumeIdsOf = (choice: VolumeChoice) => (choice.take === 'some' ? [...choice.volumeIds] : []);

/** Adds targets to a policy, all or none; a target added meanwhile by another throws `conflict_name_taken`. */
export async function addTargets(
  tx: Kysely<Database>,
  policy: { readonly id: PolicyId; readonly ownerId: UserId },
  added: readonly { readonly target: Target; readonly resourceName: string }[],
  at: Instant,
): Promise<TargetRow[]> {
  const rows = added.map(({ target, resourceName }) => ({
    id: parseTargetId(randomUUID()),
    owner_id: policy.ownerId,
    policy_id: policy.id,
    kind: target.kind,
    region: target.region,
    resource_id: resourceIdOf(target),
    resource_name: resourceName,
    take: takeOf(target),
    volume_ids: target.kind === 'instance' ? volumeIdsOf(target.volumes) : [],
    added_at: asTimestamp(at),
  }));
  try {
    const stored = await tx.insertInto('policy_targets').values(rows).returning(columns).execute();
    await announce(tx, policy.ownerId, 'policy', policy.id);
    return stored.map(toTarget);
  } catch (error) {
    if (!isNameTaken(error)) throw error;
    throw cpmError('conflict_name_taken', {
      params: { name: 'of one of the resources', noun: 'target of this policy' },
    });
  }
}

/** Every target of a policy, oldest first. */
export async function findTargets(db: Kysely<Database>, policyId: PolicyId): Promise<TargetRow[]> {
  const rows = await db
    .selectFrom('policy_targets')
    .select(columns)
    .where('policy_id', '=', policyId)
    .orderBy('added_at')
    .orderBy('id')
    .execute();
  return rows.map(toTarget);
}

/** A page of a policy's targets by region and id. */
export async function listTargets(
  db: Kysely<Database>,
  ownerId: UserId,
  policyId: PolicyId,
  page: PageQuery,
): Promise<Page<TargetRow>> {
  const query = db
    .selectFrom('policy_targets')
    .select(columns)
    .where('owner_id', '=', ownerId)
    .where('policy_id', '=', policyId);
  const found = await pageAfter<Row>(query, page, [
    { column: 'region', of: (row) => row.region, direction: 'asc', type: 'text' },
    { column: 'resource_id', of: (row) => row.resourceId, direction: 'asc', type: 'text' },
  ]);
  return { ...found, items: found.items.map(toTarget) };
}

type TargetKeys = { readonly ownerId: UserId; readonly policyId: PolicyId; readonly targetId: TargetId };

const notFound = () => cpmError('not_found', { params: { noun: 'target' } });

/** One target of a policy; throws `not_found`. */
export async function findTarget(db: Kysely<Database>, keys: TargetKeys): Promise<TargetRow> {
  const row = await db
    .selectFrom('policy_targets')
    .select(columns)
    .where('owner_id', '=', keys.ownerId)
    .where('policy_id', '=', keys.policyId)
    .where('id', '=', keys.targetId)
    .executeTakeFirst();
  if (row === undefined) throw notFound();
  return toTarget(row);
}

/** Changes which volumes of an instance are taken. */
export async function changeTarget(db: Kysely<Database>, keys: TargetKeys, volumes: VolumeChoice): Promise<void> {
  await db
    .updateTable('policy_targets')
    .set({ take: volumes.take, volume_ids: volumeIdsOf(volumes) })
    .where('owner_id', '=', keys.ownerId)
    .where('policy_id', '=', keys.policyId)
    .where('id', '=', keys.targetId)
    .execute();
  await announce(db, keys.ownerId, 'policy', keys.policyId);
}

/** Takes a target out of a policy; throws `not_found`. */
export async function removeTarget(db: Kysely<Database>, keys: TargetKeys): Promise<void> {
  const gone = await db
    .deleteFrom('policy_targets')
    .where('owner_id', '=', keys.ownerId)
    .where('policy_id', '=', keys.policyId)
    .where('id', '=', keys.targetId)
    .executeTakeFirst();
  if (gone.numDeletedRows === 0n) throw notFound();
  await announce(db, keys.ownerId, 'policy', keys.policyId);
}

/** Takes targets that are gone out of a policy (POL-3); one that was taken out meanwhile is no error. */
export async function removeGoneTargets(
  tx: Kysely<Database>,
  policy: { readonly id: PolicyId; readonly ownerId: UserId },
  gone: readonly { readonly targetId: TargetId | null }[],
): Promise<void> {
  const ids = gone.flatMap(({ targetId }) => (targetId === null ? [] : [targetId]));
  if (ids.length === 0) return;
  await tx.deleteFrom('policy_targets').where('policy_id', '=', policy.id).where('id', 'in', ids).execute();
  await announce(tx, policy.ownerId, 'policy', policy.id);
}
