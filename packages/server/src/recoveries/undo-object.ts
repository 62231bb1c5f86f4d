import type { Volume } from '@cpm/aws/port';
import type { Instant, RecoveryObjectKind } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import { askUntilSeen } from './ask-until-seen.ts';
import { putBack } from './put-back.ts';
import { RECOVERY_TAG } from './recoverable-volumes.ts';
import type { RecoveryRow } from './recoveries.store.ts';
import type { RecoveryAccess } from './recovery-access.ts';
import type { ObjectRow } from './recovery-objects.store.ts';
import type { Looks, SeenThing } from './roll-back-looks.ts';

export type UndoScene = {
  readonly context: ServerContext;
  readonly job: JobContext<Database>;
  readonly recovery: RecoveryRow;
  readonly access: RecoveryAccess;
  readonly until: Instant;
};

/** How it stands with an object: not yet, done, or why it stays as it is. */
export type Undone = 'waiting' | 'gone' | 'back' | { readonly failure: string };

type Around = { readonly seen: Looks; readonly objects: readonly ObjectRow[] };

const GONE_STATES: ReadonlySet<string> = new Set(['terminated', 'deregistered', 'deleted']);
const GOING_STATES: ReadonlySet<string> = new Set(['shutting-down', 'deleting', 'creating']);

/** Does the next thing to take an object away, or to put a replaced one back; only to what bears the tag of the recovery. */
export async function undo(scene: UndoScene, object: ObjectRow, around: Around): Promise<Undone> {
  const { recovery, context, until } = scene;
  if (object.role === 'replaced') return restore(scene, object, around);
  const thing = around.seen.find(object);
  const name = `${object.kind} ${object.awsId}`;
  if (thing === undefined || GONE_STATES.has(thing.state)) return 'gone';
  if (thing.tags[RECOVERY_TAG] !== recovery.id)
    return { failure: `${name} does not bear the tag of this recovery any more: it is left alone` };
  if (context.clock.now() >= until) return { failure: `${name} is ${thing.state}, and AWS did not finish it in time` };
  if (GOING_STATES.has(thing.state)) return 'waiting';
  const refused = await UNDOERS[object.kind](scene, object, { ...around, thing });
  return refused === null ? 'waiting' : { failure: `${name} is not deleted: ${refused}` };
}

type Undoer = (
  scene: UndoScene,
  object: ObjectRow,
  around: Around & { readonly thing: SeenThing },
) => Promise<string | null>;

/** Sends the call that takes an object away; answers why AWS will not. */
const ask = async (scene: UndoScene, object: ObjectRow, call: (awsId: string) => Promise<unknown>) =>
  (await askUntilSeen(scene, `undo ${object.position}`, () => call(object.awsId ?? '')))?.refused ?? null;

const UNDOERS: Readonly<Record<RecoveryObjectKind, Undoer>> = {
  instance: (scene, object, { seen }) =>
    ask(scene, object, async (awsId) => {
      const instance = seen.instances.get(awsId);
      const { ec2 } = scene.access;
      // The protection is a copy of the original's: nobody but this recovery set it.
      const attributes = instance === undefined ? null : await ec2.readInstanceAttributes(instance);
      if (attributes?.disableApiTermination === true) await ec2.setTerminationProtection(awsId, false);
      await ec2.terminateInstances([awsId]);
    }),
  // Never its snapshots: they are the backup.
  image: (scene, object) => ask(scene, object, (awsId) => scene.access.ec2.deregisterImage(awsId)),
  volume: undoVolume,
  attachment: () => Promise.resolve(null),
  database: (scene, object) => ask(scene, object, (awsId) => scene.access.rds.deleteDatabase(awsId)),
  'database-cluster': async (scene, object, { seen, objects }) => {
    // Its members go first.
    const isWaiting = objects.some((each) => each.kind === 'database' && isThere(seen, each));
    return isWaiting ? null : ask(scene, object, (awsId) => scene.access.rds.deleteDatabaseCluster(awsId));
  },
  'redshift-cluster': (scene, object) => ask(scene, object, (awsId) => scene.access.redshift.deleteCluster(awsId)),
};

function isThere(seen: Looks, object: ObjectRow): boolean {
  const state = seen.find(object)?.state;
  return state !== undefined && state !== 'deleting' && !GONE_STATES.has(state);
}

async function undoVolume(scene: UndoScene, object: ObjectRow, { seen, objects }: Around): Promise<string | null> {
  const volume = seen.volumes.get(object.awsId ?? '');
  const attachment = volume?.attachments[0];
  if (volume === undefined || attachment === undefined)
    return ask(scene, object, (awsId) => scene.access.ec2.deleteVolume(awsId));
  const { instanceId, state } = attachment;
  // It goes, or comes free, with its instance.
  if (objects.some(({ kind, awsId, role }) => kind === 'instance' && role === 'made' && awsId === instanceId))
    return null;
  const host = seen.instances.get(instanceId)?.state ?? 'gone';
  const isSwitched = objects.some(({ takenFrom }) => takenFrom?.instanceId === instanceId);
  if (isSwitched && host !== 'stopped')
    return `it is attached to ${instanceId}, which is ${host}: stop that first, so that the old volume can be put back`;
  if (state !== 'attached') return null;
  return takeOff(scene, object, volume);
}

async function takeOff(
  { access, ...scene }: UndoScene,
  { position }: ObjectRow,
  volume: Volume,
): Promise<string | null> {
  const { volumeId, attachments } = volume;
  const instanceId = attachments[0]?.instanceId ?? '';
  const refusal = await askUntilSeen(scene, `take off ${position}`, () =>
    access.ec2.detachVolume({ volumeId, instanceId }),
  );
  return refusal?.refused ?? null;
}

/** Puts a replaced volume back, only into an instance that is stopped. */
async function restore(scene: UndoScene, object: ObjectRow, { seen }: Around): Promise<Undone> {
  const { takenFrom, awsId } = object;
  const volume = seen.volumes.get(awsId ?? '');
  const host = seen.instances.get(takenFrom?.instanceId ?? '')?.state ?? 'gone';
  const isElsewhere = volume?.attachments.every(({ instanceId }) => instanceId !== takenFrom?.instanceId) !== false;
  if (volume !== undefined && isElsewhere && host !== 'stopped') {
    const place = `${takenFrom?.instanceId} at ${takenFrom?.deviceName}`;
    return { failure: `${awsId} could not be put back to ${place}: the instance is ${host}, not stopped` };
  }
  return putBack(scene, { object, volume, name: `put back ${object.position}`, until: scene.until });
}
