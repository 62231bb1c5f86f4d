import type { RecoveryPlan } from '@cpm/contract';
import { EXIT_CODES, type ExitCode } from '@cpm/core';
import { flag, wrongInput } from '../command.ts';
import type { Surroundings } from '../surroundings.ts';
import { printRecoveryPlan } from '../views/recovery-plan.ts';

/** Spread into the options of every command that recovers something. */
export const planOptions = {
  plan: flag('--plan', 'Check everything and show what would be made, changed and deleted; make nothing.'),
};

/** What `--help` says of it. */
export const PLAN_NOTE = 'With --plan the exit code is 0 where the recovery could start, and 2 where it could not.';

/** Throws `invalid_request` for options that make no sense beside `--plan`. */
export function checkPlanOptions({ plan, wait }: { readonly plan: boolean; readonly wait: boolean }): void {
  if (plan && wait) throw wrongInput('--plan', 'it starts nothing that --wait could wait for');
}

/** Shows a plan; answers the exit code of a refused recovery where it could not start. */
export function showPlan({ global, print }: Surroundings, plan: RecoveryPlan): ExitCode {
  printRecoveryPlan(print, global, plan);
  return plan.canStart ? EXIT_CODES.ok : EXIT_CODES.usage;
}
