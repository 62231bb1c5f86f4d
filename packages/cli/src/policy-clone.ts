import type { NewTarget, Policy, Target } from '@cpm/contract';
import { defineCommand, flag } from './command.ts';
import { findPolicy, readAll } from './input/find.ts';
import { sendOnce } from './input/send-once.ts';
import type { Surroundings } from './surroundings.ts';
import { printPolicy } from './views/policy.ts';

const TARGETS_A_CALL = 200;

export const command = defineCommand({
  args: { policy: 'name or id of the policy', name: 'what the new one is called' },
  options: {
    withoutTargets: flag('--without-targets', 'Back up nothing yet.'),
    withoutSchedules: flag('--without-schedules', 'Use no schedule.'),
    disabled: flag('--disabled', 'Schedules do not run it until it is enabled.'),
  },
  notes:
    'Takes over everything but the backups. Scripts on the server are named after their policy: the new one needs its own.',
  examples: ['cpm policy clone web web-weekly --without-schedules'],
  run: async ({ api, args, options, print }) => {
    const policy = await findPolicy(api, args.policy);
    const { items } = options.withoutTargets
      ? { items: [] }
      : await readAll((query) => api('GET /policies/:policyId/targets', { params: { policyId: policy.id }, query }));
    const scheduleIds = options.withoutSchedules ? [] : policy.schedules.map(({ id }) => id);
    // It is enabled when it is whole: a firing in between would find no target.
    const body = { ...settingsOf(policy), name: args.name, scheduleIds, enabled: false };
    const { id: policyId } = await sendOnce((idempotencyKey) => api('POST /policies', { body, idempotencyKey }));
    await addOrRemove(api, policyId, items.map(newTarget));
    const enabled = policy.enabled && !options.disabled;
    printPolicy(print, await api('PATCH /policies/:policyId', { params: { policyId }, body: { enabled } }));
  },
});

function settingsOf(policy: Policy) {
  const { description, generations, autoTargetRemoval, successRule, retries, retryWaitMinutes, copySourceTags } =
    policy;
  const plain = { description, generations, autoTargetRemoval, successRule, retries, retryWaitMinutes, copySourceTags };
  return { ...plain, scripts: policy.scripts, accountId: policy.account.id };
}

function newTarget({ kind, region, resourceId, volumes }: Target): NewTarget {
  if (kind !== 'instance') return { kind, region, resourceId };
  const { take, volumeIds } = volumes ?? { take: 'all', volumeIds: [] };
  return { kind, region, resourceId, volumes: take === 'some' ? { take, volumeIds } : { take } };
}

/** A clone has all targets or is not made. */
async function addOrRemove(api: Surroundings['api'], policyId: string, targets: readonly NewTarget[]): Promise<void> {
  const params = { policyId };
  try {
    for (let from = 0; from < targets.length; from += TARGETS_A_CALL) {
      const body = { targets: targets.slice(from, from + TARGETS_A_CALL) };
      await sendOnce((idempotencyKey) => api('POST /policies/:policyId/targets', { params, body, idempotencyKey }));
    }
  } catch (error) {
    await api('DELETE /policies/:policyId', { params });
    throw error;
  }
}
