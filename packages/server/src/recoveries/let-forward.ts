import type { InstanceDetails } from '@cpm/aws/port';
import { isCpmError, isWorthRetrying, type InstancePlan, type LaunchPlan } from '@cpm/core';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import type { RecoveryScene } from './recovery-job.ts';

/**
 * Switches the source/destination check off where the originals had it off: a router, a NAT or a VPN instance would run and
 * forward nothing. No launch can ask for it. Answers, in words, what could not be switched.
 */
export async function letForward(
  { job, access: { ec2 }, recovery, context }: RecoveryScene<InstancePlan>,
  { network: { forwardingInterfaces } }: LaunchPlan,
  running: readonly InstanceDetails[],
): Promise<readonly string[]> {
  if (forwardingInterfaces.length === 0) return [];
  return job.step('source/destination check', async () => {
    const failures: string[] = [];
    const switched: string[] = [];
    for (const { instanceId, networkInterfaces } of running) {
      for (const index of forwardingInterfaces) {
        const interfaceId = networkInterfaces.find(({ deviceIndex }) => deviceIndex === index)?.interfaceId;
        const what = `network interface ${index} of ${instanceId}`;
        const failure = interfaceId === undefined ? 'AWS does not show it' : await switchOff(interfaceId);
        if (failure === null) switched.push(what);
        else failures.push(`the source/destination check of ${what} has to be switched off by hand: ${failure}`);
      }
    }
    const text = `source/destination check switched off: ${switched.join(', ')}`;
    if (switched.length > 0)
      await job.transaction((tx) => appendLog(tx, recovery.id, context.clock.now(), [info(text)]));
    return failures;
  });

  async function switchOff(interfaceId: string): Promise<string | null> {
    try {
      await ec2.setSourceDestCheck(interfaceId, false);
      return null;
    } catch (error) {
      if (!isCpmError(error) || isWorthRetrying(error)) throw error;
      return describeError(error);
    }
  }
}
