import type { Recovery, RecoveryPlan } from '@cpm/contract';
import { isAwsError } from '@cpm/aws/port';
import { canStart, missingPolicy, parseRecoveryId, summarizeChecks, type Instant, type UserId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import { credentialsOf, findSource, shownInputs, type CommonWish, type Planned, type Source } from './plan-request.ts';
import { missingFound } from './check-permissions.ts';
import { checkForPlan, type LookedAt } from './preflight.ts';
import { findRecovery } from './recoveries.store.ts';
import { findObjects } from './recovery-objects.store.ts';
import { shownRecovery } from './show-recovery.ts';
import { startRecoveries } from './start-recovery.ts';

/** A request for a recovery from a backup. */
export type Asking = {
  readonly actor: { readonly userId: UserId };
  readonly params: { readonly backupId: string };
  readonly body: CommonWish & Record<string, unknown>;
  readonly at: Instant;
};

type Plan = (source: Source) => Promise<Planned>;

/** What the routes of every kind of recovery do: plan and start it, or plan it and tell what was found. */
export function recoverySteps(context: ServerContext) {
  const show = async (ownerId: UserId, id: string): Promise<Recovery> => {
    const recovery = await findRecovery(context.db, ownerId, parseRecoveryId(id));
    return shownRecovery(recovery, await findObjects(context.db, [recovery.id]));
  };
  return {
    show,
    start: async ({ actor, params, body, at }: Asking, plan: Plan): Promise<Recovery> => {
      const source = await findSource(context, actor.userId, params.backupId);
      const { id, region, planned } = await plan(source);
      const credentials = credentialsOf(body);
      const start = { id, planned, inputs: shownInputs(body) };
      await startRecoveries(context, { backup: source.backup, region, credentials, groupId: null, at }, [start]);
      return show(actor.userId, id);
    },
    look: async ({ actor, params }: Asking, plan: Plan): Promise<RecoveryPlan> => {
      const source = await findSource(context, actor.userId, params.backupId);
      try {
        const { asked, planned } = await plan(source);
        return shownPlan(await checkForPlan(asked, planned));
      } catch (error) {
        const missing = isAwsError(error) ? error.missingPermission : null;
        if (missing === null) throw error;
        return unplannable(missing);
      }
    },
  };
}

/** What AWS does not let be read keeps the recovery from being planned; the person learns how to allow it. */
const unplannable = (missing: string): RecoveryPlan => ({
  canStart: false,
  checks: [...summarizeChecks([missingFound([missing])])].map(({ findings, ...check }) => ({
    ...check,
    findings: [...findings],
  })),
  objects: [],
  steps: [],
  warnings: [],
  missingPermissions: missingPolicy([missing], []),
});

const shownPlan = ({ planned, missingPermissions }: LookedAt): RecoveryPlan => ({
  canStart: canStart(planned.checks),
  checks: planned.checks.map(({ findings, ...check }) => ({ ...check, findings: [...findings] })),
  objects: [...planned.objects],
  steps: [...planned.steps],
  warnings: [...planned.warnings],
  missingPermissions,
});
