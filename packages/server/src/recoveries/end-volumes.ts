import type { Volume } from '@cpm/aws/port';
import type { VolumePlan } from '@cpm/core';
import type { Database } from '../db/schema.ts';
import type { JobEnd } from '../engine/job-kind.ts';
import { appendLog, failure } from '../logs/log-lines.store.ts';
import type { Scene } from './attach-devices.ts';
import { endRecovery } from './end-recovery.ts';
import { changeObject, type ObjectRow } from './recovery-objects.store.ts';

/** A planned volume and what became of it; `reason` is why it is not as asked. */
export type VolumeResult = {
  readonly plan: VolumePlan;
  readonly object: ObjectRow | undefined;
  readonly volume: Volume | undefined;
  readonly reason: string | null;
};

/** Fixes the outcome, with what became of each volume. */
export async function endVolumes(
  { context, job, recovery }: Scene,
  results: readonly VolumeResult[],
  further: readonly string[],
): Promise<JobEnd<Database>> {
  const reasons = [...results.flatMap(({ reason }) => (reason === null ? [] : [reason])), ...further];
  return job.done(async (tx) => {
    for (const { object, volume, reason } of results) {
      if (object === undefined) continue;
      await changeObject(tx, object.id, {
        state: volume === undefined ? 'failed' : 'kept',
        ...(reason === null ? {} : { note: `${object.note}: ${reason}` }),
      });
    }
    const lines = reasons.map((reason) => failure(reason));
    await appendLog(tx, recovery.id, context.clock.now(), lines);
    const anyGood = results.some(({ volume }) => volume !== undefined && volume.state !== 'error');
    await endRecovery(context, tx, recovery, { reasons, anyGood });
  });
}
