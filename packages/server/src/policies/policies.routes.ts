import { randomUUID } from 'node:crypto';
import type { Target as ShownTarget, api } from '@cpm/contract';
import {
  cpmError,
  formatInstant,
  isDatabaseKind,
  parseAccountId,
  parsePolicyId,
  parseScheduleId,
  parseTargetId,
  refuseIfAny,
  resourceIdOf,
  targetOf,
  validatePolicy,
  validateTargets,
  validateVolumeChoice,
  type FieldError,
  type Instant,
  type PolicyId,
  type ScheduleId,
  type Target,
  type TargetKind,
  type UserId,
  type VolumeChoice,
} from '@cpm/core';
import { findAccount } from '../accounts/accounts.store.ts';
import type { Transaction } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { Handlers } from '../http/mount.ts';
import { findSchedules } from '../schedules/schedules.store.ts';
import { clonePolicy } from './clone-policy.ts';
import { findNewTargets } from './find-new-targets.ts';
import { readSnapshotQuotas } from './snapshot-quotas.ts';
import { changePolicy, createPolicy, findPolicy, listPolicies, type PolicyRow } from './policies.store.ts';
import { showPolicies, type RunsOfPolicies } from './shown-policy.ts';
import {
  addTargets,
  changeTarget,
  findTarget,
  findTargets,
  listTargets,
  removeTarget,
  type TargetRow,
} from './targets.store.ts';

/** Lets generations be lowered only by who knows what it deletes; handed in, because retention stands above policies. */
export type ConfirmLowered = (
  tx: Transaction<Database>,
  change: {
    readonly policy: PolicyRow;
    readonly generations: number;
    readonly confirmed: number | undefined;
    readonly now: Instant;
  },
) => Promise<void>;

type Given = RunsOfPolicies & { readonly confirmLowered: ConfirmLowered };

type Routes = Omit<Handlers<typeof api.policies>, 'run' | 'remove' | 'dryRun' | 'skippedFirings'>;

/** Policies and their targets over the API (POL-1, POL-2); running and removing them is the backups' business. */
export function policyRoutes(context: ServerContext, { confirmLowered, ...runs }: Given): Routes {
  const { db } = context;
  const show = async (ownerId: UserId, policyId: PolicyId) => {
    const policy = await findPolicy(db, ownerId, policyId);
    const [shown] = await showPolicies(context, [policy], runs);
    if (shown === undefined) throw cpmError('not_found', { params: { noun: 'policy' } });
    return shown;
  };
  return {
    async list({ actor, query }) {
      const page = await listPolicies(db, actor.userId, query);
      return { ...page, items: await showPolicies(context, page.items, runs) };
    },

    async create({ actor, body, at }) {
      const { scheduleIds, accountId, ...fields } = body;
      const owned = await checkReferences(context, actor.userId, { accountId, scheduleIds });
      refuseIfAny([...validatePolicy(fields), ...owned.errors]);
      const id = parsePolicyId(randomUUID());
      const policy = { ...fields, id, ownerId: actor.userId, accountId: parseAccountId(accountId), createdAt: at };
      await db.transaction().execute((tx) => createPolicy(tx, policy, owned.scheduleIds));
      return show(actor.userId, id);
    },

    show: ({ actor, params }) => show(actor.userId, parsePolicyId(params.policyId)),

    async clone({ actor, params, body, at }) {
      const policy = await findPolicy(db, actor.userId, parsePolicyId(params.policyId));
      refuseIfAny(validatePolicy({ name: body.name }));
      const id = await db.transaction().execute((tx) => clonePolicy(tx, policy, { name: body.name, at }));
      return show(actor.userId, id);
    },

    async change({ actor, params, body, at }) {
      const policyId = parsePolicyId(params.policyId);
      const { revision, scheduleIds, confirmDeletions: confirmed, ...fields } = body;
      const before = await findPolicy(db, actor.userId, policyId);
      const owned = await checkReferences(context, actor.userId, { scheduleIds: scheduleIds ?? [] });
      const { name = before.name, ...others } = fields;
      refuseIfAny([...validatePolicy({ name, ...others }), ...owned.errors]);
      const change = { ...fields, ...(scheduleIds === undefined ? {} : { scheduleIds: owned.scheduleIds }) };
      const { generations = before.generations } = fields;
      await db.transaction().execute(async (tx) => {
        await confirmLowered(tx, { policy: before, generations, confirmed, now: at });
        await changePolicy(tx, { ownerId: actor.userId, policyId, revision }, change);
      });
      await readSnapshotQuotas(context, before, at);
      return show(actor.userId, policyId);
    },

    async targets({ actor, params, query }) {
      const policy = await findPolicy(db, actor.userId, parsePolicyId(params.policyId));
      const page = await listTargets(db, actor.userId, policy.id, query);
      return { ...page, items: page.items.map(shownTarget) };
    },

    async addTargets({ actor, params, body, at }) {
      const policy = await findPolicy(db, actor.userId, parsePolicyId(params.policyId));
      const targets = body.targets.map(toTarget);
      const existing = (await findTargets(db, policy.id)).map(({ target }) => target);
      refuseIfAny(validateTargets(targets, existing).map(inBodyWords));
      const found = await findNewTargets(context, policy.accountId, targets);
      const added = await db.transaction().execute((tx) => addTargets(tx, policy, found, at));
      if (targets.some(({ kind }) => isDatabaseKind(kind))) await readSnapshotQuotas(context, policy, at);
      return { items: added.map(shownTarget) };
    },

    async changeTarget({ actor, params, body }) {
      const keys = targetKeys(actor.userId, params);
      await findPolicy(db, actor.userId, keys.policyId);
      const { target } = await findTarget(db, keys);
      const volumes = body.volumes as VolumeChoice;
      const isWhole =
        target.kind === 'instance' ? [] : [{ path: 'volumes', message: 'only an instance has volumes to choose from' }];
      refuseIfAny([...isWhole, ...validateVolumeChoice(volumes)]);
      await changeTarget(db, keys, volumes);
      return shownTarget(await findTarget(db, keys));
    },

    async removeTarget({ actor, params }) {
      const keys = targetKeys(actor.userId, params);
      await findPolicy(db, actor.userId, keys.policyId);
      await removeTarget(db, keys);
    },
  };
}

type TargetParams = { readonly policyId: string; readonly targetId: string };

const targetKeys = (ownerId: UserId, { policyId, targetId }: TargetParams) => ({
  ownerId,
  policyId: parsePolicyId(policyId),
  targetId: parseTargetId(targetId),
});

/** Whether account and schedules are the owner's: another's is unknown here, in the same words. */
async function checkReferences(
  { db }: ServerContext,
  ownerId: UserId,
  named: { readonly accountId?: string; readonly scheduleIds: readonly string[] },
): Promise<{ readonly errors: readonly FieldError[]; readonly scheduleIds: readonly ScheduleId[] }> {
  const errors: FieldError[] = [];
  if (named.accountId !== undefined) {
    await findAccount(db, ownerId, parseAccountId(named.accountId)).catch(() =>
      errors.push({ path: 'accountId', message: 'there is no such account' }),
    );
  }
  const scheduleIds = named.scheduleIds.map(parseScheduleId);
  const found = new Set((await findSchedules(db, ownerId, scheduleIds)).map(({ id }) => id));
  for (const [index, id] of scheduleIds.entries()) {
    if (!found.has(id)) errors.push({ path: `scheduleIds.${index}`, message: 'there is no such schedule' });
  }
  return { errors, scheduleIds };
}

type NewTargetBody = {
  readonly kind: TargetKind;
  readonly region: string;
  readonly resourceId: string;
  readonly volumes?: VolumeChoice;
};

const toTarget = ({ kind, ...named }: NewTargetBody): Target => targetOf(kind, named);

/** Core names the id by its kind; the API calls each `resourceId`. */
const inBodyWords = ({ path, message }: FieldError): FieldError => ({
  path: path.replace(/(targets\.\d+)\.(?:instanceId|volumeId|identifier)$/, '$1.resourceId'),
  message,
});

function shownTarget({ id, target, resourceName, addedAt }: TargetRow): ShownTarget {
  const volumes =
    target.kind !== 'instance'
      ? null
      : { take: target.volumes.take, volumeIds: target.volumes.take === 'some' ? [...target.volumes.volumeIds] : [] };
  const { kind, region } = target;
  return { id, kind, region, resourceId: resourceIdOf(target), resourceName, volumes, addedAt: formatInstant(addedAt) };
}
