import type { Volume } from '@cpm/aws/port';
import { addMs, type Instant } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobEnd, JobKind } from '../engine/job-kind.ts';
import { advanceDevice, type Device, type Scene, type Standing } from './attach-devices.ts';
import { deleteReplaced } from './delete-replaced.ts';
import { endVolumes, type VolumeResult } from './end-volumes.ts';
import { idOf, isUnready, makeVolume, notMade } from './make-volumes.ts';
import { describeReplaced, describeVolume, VOLUME_STEPS, type VolumesJobPlan } from './plan-volumes-recovery.ts';
import { enterStep, recoveryKind } from './recovery-job.ts';
import { addObjects, findObjects, type ObjectRow } from './recovery-objects.store.ts';

const LOOK_AGAIN_MS = 2_000;
/** A volume that AWS does not show or finish by then has failed: a wrong key shows only that way (EC2, CreateVolume). */
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * Makes volumes out of snapshots, attaches them where asked, switches them for what is there. Each is written down before it is
 * made or touched; nothing is taken off before all that its instance gets is ready; an old volume is deleted last of all.
 */
export const recoverVolumesKind = (context: ServerContext): JobKind<Database> =>
  recoveryKind<VolumesJobPlan>(context, recoverVolumes);

async function recoverVolumes(scene: Scene): Promise<JobEnd<Database>> {
  const { context, job, recovery, access, plan: plans } = scene;
  const { db, clock } = context;
  const lookAgain = () => job.park(addMs(clock.now(), LOOK_AGAIN_MS));

  // 1. What is going to be made and taken off is on record, with the tokens that make each call repeatable.
  await job.transactionStep('objects', async (tx) => {
    const notes = plans.map((plan) => ({ kind: 'volume' as const, note: describeVolume(plan) }));
    await addObjects(tx, recovery, [...notes, ...plans.flatMap((plan) => describeReplaced(plan))], clock.now());
    await enterStep(scene, tx, 0);
    return null;
  });
  const objects = await findObjects(db, [recovery.id]);
  const ofMade = objects.filter(({ role }) => role === 'made');

  // 2. All volumes at once; a repeat with the same token answers the same volume.
  const made = await Promise.all(plans.map((plan, index) => makeVolume(scene, plan, ofMade[index])));

  // 3. AWS makes them ready.
  const ids = made.map(idOf).filter(Boolean);
  const old = plans.flatMap(({ replaces }) => (replaces === null ? [] : [replaces.volumeId]));
  const volumes = new Map((await access.ec2.describeVolumes([...ids, ...old])).map((each) => [each.volumeId, each]));
  if (ids.some((id) => isUnready(volumes.get(id)))) {
    const madeAt = await job.step('made', () => clock.now());
    if (clock.now() < addMs(madeAt, LONGEST_WAIT_MS)) return lookAgain();
  }

  // 4. Devices, one by one and all at once.
  const readyAt = await job.step('ready', () => clock.now());
  const results = plans.map((plan, index): VolumeResult => {
    const volume = volumes.get(idOf(made[index]));
    return { plan, object: ofMade[index], volume, reason: notMade(plan, made[index], volume) };
  });
  const devices = await devicesOf(scene, { results, objects, volumes, readyAt });
  const standings = await Promise.all(devices.map((device) => advanceDevice(scene, device)));
  await showStep(scene, standings);
  if (standings.some((each) => each === 'taking off' || each === 'attaching')) return lookAgain();

  // 5. Only with every new volume attached and verified old ones are deleted.
  const settled = withStandings(results, { devices, standings });
  if (settled.some(({ reason }) => reason !== null)) return endVolumes(scene, settled, []);
  const deletion = await deleteReplaced(scene, { objects, volumes, until: addMs(readyAt, 3 * LONGEST_WAIT_MS) });
  return deletion === 'waiting' ? lookAgain() : endVolumes(scene, settled, deletion.reasons);
}

type Found = {
  readonly results: readonly VolumeResult[];
  readonly objects: readonly ObjectRow[];
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly readyAt: Instant;
};

/** The devices that are ready to be served; an instance from which something is taken off gets all of its volumes, or none. */
async function devicesOf({ access }: Scene, { results, objects, volumes, readyAt }: Found): Promise<readonly Device[]> {
  const switched = new Set(
    results.flatMap(({ plan: { attach, replaces } }) => (replaces && attach ? [attach.instanceId] : [])),
  );
  const lacking = new Set(
    results.flatMap(({ plan, reason }) => (reason !== null && plan.attach ? [plan.attach.instanceId] : [])),
  );
  const instances = new Map((await access.ec2.describeInstances([...switched])).map((each) => [each.instanceId, each]));
  return results.flatMap(({ plan, volume, reason }, index): Device[] => {
    const { attach, replaces } = plan;
    if (attach === null || volume === undefined || reason !== null) return [];
    if (switched.has(attach.instanceId) && lacking.has(attach.instanceId)) return [];
    return [
      {
        index,
        plan,
        attach,
        made: volume,
        old: replaces === null ? null : volumes.get(replaces.volumeId),
        oldObject: objects.find(({ role, awsId }) => role === 'replaced' && awsId === replaces?.volumeId),
        instance: instances.get(attach.instanceId),
        until: addMs(readyAt, LONGEST_WAIT_MS),
        backUntil: addMs(readyAt, 2 * LONGEST_WAIT_MS),
      },
    ];
  });
}

/** The step that the slowest device is in. */
async function showStep(scene: Scene, standings: readonly Standing[]): Promise<void> {
  const { recovery, job } = scene;
  if (standings.length === 0) return;
  const isOff = !standings.includes('taking off');
  const isOn = isOff && !standings.includes('attaching');
  const stepNumber = recovery.steps.indexOf(
    isOn ? VOLUME_STEPS.verify : isOff ? VOLUME_STEPS.attach : VOLUME_STEPS.takeOff,
  );
  if (stepNumber > recovery.stepNumber) await job.transaction((tx) => enterStep(scene, tx, stepNumber));
}

type Ended = { readonly devices: readonly Device[]; readonly standings: readonly Standing[] };

/** What became of each volume, with that of its device. */
function withStandings(results: readonly VolumeResult[], { devices, standings }: Ended): readonly VolumeResult[] {
  return results.map((result, index) => {
    const { plan, volume, reason } = result;
    if (plan.attach === null || reason !== null) return result;
    const at = devices.findIndex((device) => device.index === index);
    const standing = standings[at];
    if (standing === 'verified') return result;
    const why = `${volume?.volumeId} is not attached to ${plan.attach.instanceId} at ${plan.attach.deviceName}: another volume for that instance is missing, so nothing was taken off`;
    return { ...result, reason: typeof standing === 'object' ? standing.failure : why };
  });
}
