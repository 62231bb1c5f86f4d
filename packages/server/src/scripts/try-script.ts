import { randomUUID } from 'node:crypto';
import { cpmError, type ScriptStep, type UserId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import { findPolicyScripts } from './policy-scripts.ts';
import type { ScriptResult } from './run-script.ts';

export type TrialWanted = {
  readonly policy: {
    readonly id: string;
    readonly ownerId: UserId;
    readonly name: string;
    readonly scripts: { readonly timeoutSeconds: number };
  };
  readonly step: ScriptStep;
  /** What "after" and "complete" are told; "before" is told nothing. */
  readonly argument: '1' | '0';
  /** Ends the script when it aborts, as when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
};

/** Scripts that run as a test at once: of one user, and of all. */
const MOST_OF_ONE = 1;
const MOST_OF_ALL = 4;

/**
 * Makes what runs a policy's script as a test (SCR-6): the very file that a backup would run, with its error output whatever
 * the policy says, and no record. Throws `too_many_attempts` while the user has a test running, or all users four.
 */
export function createScriptTrials({ db, clock, scripts }: Pick<ServerContext, 'db' | 'clock' | 'scripts'>) {
  const running: UserId[] = [];
  return async ({ policy, step, argument, signal }: TrialWanted): Promise<ScriptResult> => {
    const { id, ownerId, name, scripts: settings } = policy;
    const ofOne = running.filter((each) => each === ownerId).length;
    if (ofOne >= MOST_OF_ONE || running.length >= MOST_OF_ALL) {
      throw cpmError('too_many_attempts', { params: { seconds: settings.timeoutSeconds } });
    }
    running.push(ownerId);
    try {
      const { file, problem } = (await findPolicyScripts({ db, scripts }, { ownerId, policyName: name })).steps[step];
      if (file === null) return refused(problem, clock.now());
      return await scripts.run({
        file,
        argument: step === 'before' ? null : argument,
        timeoutMs: settings.timeoutSeconds * 1000,
        collectErrorOutput: true,
        runId: randomUUID(),
        facts: { CPM_STEP: step, CPM_POLICY: name, CPM_POLICY_ID: id, CPM_TEST: '1' },
        ...(signal === undefined ? {} : { signal }),
      });
    } finally {
      running.splice(running.indexOf(ownerId), 1);
    }
  };
}

const refused = (reason: string, at: ScriptResult['startedAt']): ScriptResult => ({
  ended: 'failed',
  reason,
  exitCode: null,
  errorOutput: null,
  startedAt: at,
  endedAt: at,
});
