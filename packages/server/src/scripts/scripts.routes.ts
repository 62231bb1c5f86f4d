import type { api } from '@cpm/contract';
import { parsePolicyId, SCRIPT_STEPS } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { findPolicy, scriptsOf } from '../policies/policies.store.ts';
import { findPolicyScripts } from './policy-scripts.ts';
import { createScriptTrials } from './try-script.ts';

/** The scripts that a policy has on the server, and one of them as a test (SCR-6). */
export function scriptRoutes(context: ServerContext): Handlers<typeof api.scripts> {
  const tryScript = createScriptTrials(context);
  return {
    async list({ actor, params }) {
      const { ownerId, name } = await findPolicy(context.db, actor.userId, parsePolicyId(params.policyId));
      const { directory, steps } = await findPolicyScripts(context, { ownerId, policyName: name });
      return { directory, items: SCRIPT_STEPS.map((step) => steps[step]) };
    },

    async test({ actor, params, body }) {
      const found = await findPolicy(context.db, actor.userId, parsePolicyId(params.policyId));
      const policy = { id: found.id, ownerId: found.ownerId, name: found.name, scripts: scriptsOf(found) };
      const result = await tryScript({ policy, step: params.step, argument: body.argument });
      const { ended, reason, exitCode, errorOutput, startedAt, endedAt } = result;
      return { ended, reason, exitCode, output: errorOutput, durationMs: endedAt - startedAt };
    },
  };
}
