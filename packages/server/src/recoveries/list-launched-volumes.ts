import type { InstanceDetails } from '@cpm/aws/port';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { appendLog, info } from '../logs/log-lines.store.ts';
import type { RecoveryRow } from './recoveries.store.ts';
import { addObjects, findObjects } from './recovery-objects.store.ts';

type Scene = {
  readonly context: ServerContext;
  readonly job: JobContext<Database>;
  readonly recovery: RecoveryRow;
};

/** Lists the volumes of launched instances among what the recovery made: those that outlive their instance are things of their own. */
export async function listLaunchedVolumes(
  { context, job, recovery }: Scene,
  instances: readonly InstanceDetails[],
): Promise<void> {
  for (const { instanceId, blockDevices } of instances) {
    await job.transactionStep(`volumes of ${instanceId}`, async (tx) => {
      const known = new Set((await findObjects(tx, [recovery.id])).map(({ awsId }) => awsId));
      const volumes = blockDevices
        .filter(({ volumeId }) => !known.has(volumeId))
        .map(({ volumeId, deviceName, deleteOnTermination }) => ({
          kind: 'volume' as const,
          awsId: volumeId,
          state: 'kept' as const,
          note: `${deviceName} of ${instanceId}, which ${deleteOnTermination ? 'goes with it' : 'stays without it'}`,
        }));
      await addObjects(tx, recovery, volumes, context.clock.now());
      const lines = volumes.map(({ awsId, note }) => info(`${awsId} is ${note}`));
      await appendLog(tx, recovery.id, context.clock.now(), lines);
      return null;
    });
  }
}
