import { awsCodeOf, isOutcomeUnknown, type Ec2Port, type InstanceDetails, type RunInstancesInput } from '@cpm/aws/port';
import {
  addMs,
  isCpmError,
  isWorthRetrying,
  type BlockDevicePlan,
  type InstancePlan,
  type LaunchPlan,
  type RecoveryId,
} from '@cpm/core';
import { ec2Of } from '../accounts/account-access.ts';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext, JobEnd, JobKind } from '../engine/job-kind.ts';
import { describeError } from '../logs/describe-error.ts';
import { appendLog, failure, info, warning } from '../logs/log-lines.store.ts';
import { endRecovery, failRecovery } from './end-recovery.ts';
import {
  addObjects,
  changeObject,
  changeRecovery,
  findObjects,
  findRecoveryForJob,
  planBinding,
  type ObjectRow,
  type RecoveryRow,
} from './recoveries.store.ts';

export const RECOVER_INSTANCE = 'recover-instance';

const LOOK_AGAIN_MS = 2_000;
const LONGEST_WAIT_MS = 20 * 60_000;
/** So long a fresh image may be unknown after the answer to its registration was lost. */
const IMAGE_SETTLE_MS = 120_000;

type Job = JobContext<Database>;
type Scene = {
  readonly context: ServerContext;
  readonly job: Job;
  readonly recovery: RecoveryRow;
  readonly ec2: Ec2Port;
  readonly plan: InstancePlan;
};
type Told = { readonly id: string } | { readonly failure: string };

/** Brings an instance back from its snapshots: register an image, launch, wait until it runs, take the image away again. */
export function recoverInstanceKind(context: ServerContext): JobKind<Database> {
  return {
    run: (job) => recoverInstance(context, job),
    onFailed: (tx, job) => failRecovery(context, tx, job.subjectId as RecoveryId),
  };
}

async function recoverInstance(context: ServerContext, job: Job): Promise<JobEnd<Database>> {
  const { db, clock, secrets } = context;
  const recovery = await findRecoveryForJob(db, job.subjectId as RecoveryId);
  if (recovery.endedAt !== null) return job.done();
  const plan = JSON.parse(secrets.open(recovery.sealedPlan, planBinding(recovery.id))) as InstancePlan;
  const ec2 = ec2Of(context, recovery.accountId, recovery.region, { priority: 'interactive', signal: job.signal });
  const scene: Scene = { context, job, recovery, ec2, plan };
  const lookAgain = () => job.park(addMs(clock.now(), LOOK_AGAIN_MS));
  const isWaiting = clock.now() < addMs(recovery.startedAt, LONGEST_WAIT_MS);

  // 1. What is going to be made is on record first: the image by its name, the launch by its token.
  await job.transactionStep('objects', async (tx) => {
    const image = { kind: 'image' as const, note: `${plan.image.name} from ${plan.image.rootVolume.awsSnapshotId}` };
    const launch = plan.launch === null ? [] : [{ kind: 'instance' as const, note: describeLaunch(plan.launch) }];
    await addObjects(tx, recovery, [image, ...launch], clock.now());
    await changeRecovery(tx, recovery, { step: 'registering an image', progressPercent: 5 });
    return null;
  });
  const [imageObject, launchObject] = await findObjects(db, [recovery.id]);
  if (imageObject === undefined) throw new Error('a planned image has no record');

  // 2. The image.
  const image = await registerImage(scene, imageObject);
  if (image === 'look again') return lookAgain();
  if ('failure' in image) return end(scene, { reasons: [`no image: ${image.failure}`], running: [] });
  const [seen] = await ec2.describeImages([image.id]);
  if (seen?.state !== 'available' && seen?.state !== 'failed' && isWaiting) return lookAgain();
  if (seen?.state !== 'available') {
    const reasons = [
      `the image ${image.id} did not become available: ${seen?.stateReason ?? seen?.state ?? 'AWS does not show it'}`,
    ];
    return end(scene, { reasons, running: [], imageId: image.id });
  }
  if (plan.launch === null || launchObject === undefined)
    return end(scene, { reasons: [], running: [], imageId: image.id });

  // 3. The launch, with all data volumes in the same call: no half-recovered instance.
  const launched = await launchInstances(scene, plan.launch, { imageId: image.id, object: launchObject });
  if ('failure' in launched)
    return end(scene, { reasons: [`no instance: ${launched.failure}`], running: [], imageId: image.id });

  // 4. Until they run.
  const ids = launched.ids;
  const instances = await ec2.describeInstances(ids);
  if (isWaiting && (instances.length < ids.length || instances.some(({ state }) => state === 'pending')))
    return lookAgain();
  const running = instances.filter(({ state }) => state === 'running');
  await tagVolumes(scene, plan.launch, running);
  const reasons = [...missingReasons(ids, instances), ...countReasons(plan.launch, ids)];
  return end(scene, { reasons, running: running.map(({ instanceId }) => instanceId), imageId: image.id });
}

const describeLaunch = ({ count, instanceType, placement }: LaunchPlan): string =>
  `${count === 1 ? 'one' : count} ${instanceType} in ${placement.zone}`;

/** Sent once; afterwards the image's name, unique in account and region, says whether it was made. */
async function registerImage(
  { job, ec2, plan, recovery, context }: Scene,
  object: ObjectRow,
): Promise<Told | 'look again'> {
  const { image } = plan;
  const wasStarted = job.startedBefore('register');
  const told = await job.step('register', async (): Promise<Told | { readonly unknownSince: number }> => {
    if (wasStarted) return { unknownSince: context.clock.now() };
    try {
      return { id: await ec2.registerImage(imageInput(plan)) };
    } catch (error) {
      if (isOutcomeUnknown(error) || awsCodeOf(error) === 'InvalidAMIName.Duplicate')
        return { unknownSince: context.clock.now() };
      if (!isCpmError(error)) throw error;
      return { failure: describeError(error) };
    }
  });
  const found = 'unknownSince' in told ? await ec2.findImageByName(image.name) : null;
  const result: Told | null = 'unknownSince' in told ? (found === null ? null : { id: found.imageId }) : told;
  if (result === null) {
    const hasSettled = 'unknownSince' in told && context.clock.now() > told.unknownSince + IMAGE_SETTLE_MS;
    return hasSettled ? { failure: 'the answer of AWS was lost and no image shows' } : 'look again';
  }
  if ('id' in result && object.awsId === null) {
    await job.transaction(async (tx) => {
      await changeObject(tx, object.id, { awsId: result.id });
      await changeRecovery(tx, recovery, { step: 'waiting for the image', progressPercent: 30 });
      await appendLog(tx, recovery.id, context.clock.now(), [info(`image ${result.id} registered`)]);
    });
  }
  return result;
}

function imageInput({ image }: InstancePlan): Parameters<Ec2Port['registerImage']>[0] {
  const { rootVolume } = image;
  return {
    name: image.name,
    description: image.description,
    architecture: image.architecture,
    virtualizationType: image.virtualizationType,
    rootDeviceName: image.rootDeviceName,
    blockDevices: [
      {
        ...shapeOf(rootVolume),
        deviceName: rootVolume.deviceName,
        awsSnapshotId: rootVolume.awsSnapshotId,
        deleteOnTermination: rootVolume.deleteOnTermination,
      },
    ],
    enaSupport: image.isEnaSupported,
    sriovNetSupport: image.sriovNetSupport,
    bootMode: image.bootMode,
    tpmSupport: image.tpmSupport,
    uefiDataBase64: image.uefiData,
    imdsSupport: null,
    kernelId: image.kernelId,
    ramdiskId: image.ramdiskId,
    tags: tagsOf(image.tags),
  };
}

const tagsOf = (tags: readonly { readonly key: string; readonly value: string }[]) =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]));

const shapeOf = ({ sizeGiB, volumeType, iops, throughputMiBps }: BlockDevicePlan) => ({
  sizeGiB,
  type: volumeType,
  iops,
  throughputMiBs: throughputMiBps,
});

type ToLaunch = { readonly imageId: string; readonly object: ObjectRow };

async function launchInstances(
  { job, ec2, recovery, context }: Scene,
  launch: LaunchPlan,
  { imageId, object }: ToLaunch,
): Promise<{ readonly ids: readonly string[] } | { readonly failure: string }> {
  return job.step('launch', async () => {
    try {
      const instances = await ec2.runInstances(launchInput(launch, imageId, object.token));
      const ids = instances.map(({ instanceId }) => instanceId);
      await job.transaction(async (tx) => {
        const [first, ...others] = ids;
        if (first !== undefined) await changeObject(tx, object.id, { awsId: first });
        // Instances beyond the first get rows of their own; a repeat of this step finds them there.
        const known = new Set((await findObjects(tx, [recovery.id])).map(({ awsId }) => awsId));
        const more = others
          .filter((id) => !known.has(id))
          .map((awsId) => ({ kind: 'instance' as const, awsId, note: object.note }));
        await addObjects(tx, recovery, more, context.clock.now());
        await changeRecovery(tx, recovery, { step: 'waiting until it runs', progressPercent: 60 });
        await appendLog(tx, recovery.id, context.clock.now(), [info(`launched ${ids.join(', ')}`)]);
      });
      return { ids };
    } catch (error) {
      // The token makes a repeat safe.
      if (!isCpmError(error) || isWorthRetrying(error) || isOutcomeUnknown(error)) throw error;
      return { failure: describeError(error) };
    }
  });
}

function launchInput(launch: LaunchPlan, imageId: string, clientToken: string): RunInstancesInput {
  const { network, placement, metadataOptions } = launch;
  return {
    clientToken,
    imageId,
    count: launch.count,
    instanceType: launch.instanceType,
    keyName: launch.keyName,
    subnetId: network.subnetId,
    privateIp: network.privateIp,
    securityGroupIds: network.securityGroupIds,
    assignPublicIp: network.associatePublicIp,
    userDataBase64: launch.userDataBase64,
    instanceProfileArn: launch.instanceProfileArn,
    blockDevices: launch.dataVolumes.map((volume) => ({
      ...shapeOf(volume),
      kind: 'volume' as const,
      deviceName: volume.deviceName,
      awsSnapshotId: volume.awsSnapshotId,
      deleteOnTermination: volume.deleteOnTermination,
      encrypted: null,
      kmsKeyId: null,
    })),
    shutdownBehaviour: launch.shutdownBehavior,
    disableApiTermination: launch.isTerminationProtected,
    monitoring: launch.isMonitored,
    ebsOptimized: launch.isEbsOptimized,
    kernelId: null,
    ramdiskId: null,
    tenancy: placement.tenancy === 'default' ? null : placement.tenancy,
    placementGroup: placement.groupName,
    hostId: placement.hostId,
    httpTokens:
      metadataOptions?.httpTokens === 'required'
        ? 'required'
        : metadataOptions?.httpTokens === 'optional'
          ? 'optional'
          : null,
    httpHopLimit: metadataOptions?.httpPutResponseHopLimit ?? null,
    instanceTags: tagsOf(launch.instanceTags),
    volumeTags: tagsOf(launch.ownTags),
  };
}

/** The originals' own tags go onto the new volumes, which have ids only now; without them the recovery is still good. */
async function tagVolumes(
  { job, ec2, recovery, context }: Scene,
  launch: LaunchPlan,
  running: readonly InstanceDetails[],
): Promise<void> {
  const wanted = launch.volumeTags.filter(({ tags }) => tags.length > 0);
  if (wanted.length === 0) return;
  await job.step('tags', async () => {
    for (const { deviceName, tags } of wanted) {
      const ids = running.flatMap(({ blockDevices }) =>
        blockDevices.filter((device) => device.deviceName === deviceName).map(({ volumeId }) => volumeId),
      );
      if (ids.length === 0) continue;
      try {
        await ec2.createTags(ids, tagsOf(tags));
      } catch (error) {
        if (!isCpmError(error)) throw error;
        const text = `the tags of ${deviceName} could not be set: ${describeError(error)}`;
        await job.transaction((tx) => appendLog(tx, recovery.id, context.clock.now(), [warning(text)]));
      }
    }
    return null;
  });
}

const missingReasons = (ids: readonly string[], instances: readonly InstanceDetails[]): string[] =>
  ids.flatMap((id) => {
    const state = instances.find(({ instanceId }) => instanceId === id)?.state ?? 'not shown by AWS';
    return state === 'running' ? [] : [`${id} is ${state}, not running`];
  });

const countReasons = ({ count }: LaunchPlan, ids: readonly string[]): string[] =>
  ids.length < count ? [`AWS launched ${ids.length} of ${count} instances`] : [];

type Ending = { readonly reasons: readonly string[]; readonly running: readonly string[]; readonly imageId?: string };

/** Takes the image away unless it is to stay, never its snapshots, and fixes the outcome (F25). */
async function end(scene: Scene, { reasons, running, imageId }: Ending): Promise<JobEnd<Database>> {
  const { context, job, recovery, plan } = scene;
  const imageLeft =
    imageId === undefined || plan.imageHandling !== 'deregister' ? null : await deregister(scene, imageId);
  const all = [...reasons, ...(imageLeft === null ? [] : [imageLeft])];
  const isImageWanted = plan.imageHandling === 'create-only';
  return job.done(async (tx) => {
    for (const object of await findObjects(tx, [recovery.id])) {
      await changeObject(tx, object.id, {
        state: objectState(object, { running, imageLeft, handling: plan.imageHandling }),
      });
    }
    await appendLog(
      tx,
      recovery.id,
      context.clock.now(),
      all.map((reason) => failure(reason)),
    );
    await endRecovery(context, tx, recovery, {
      reasons: all,
      anyGood: running.length > 0 || (isImageWanted && imageId !== undefined),
    });
  });
}

type Left = {
  readonly running: readonly string[];
  readonly imageLeft: string | null;
  readonly handling: InstancePlan['imageHandling'];
};

function objectState({ kind, awsId }: ObjectRow, { running, imageLeft, handling }: Left): ObjectRow['state'] {
  if (awsId === null) return 'failed';
  if (kind === 'image') return handling === 'deregister' && imageLeft === null ? 'removed' : 'kept';
  return running.includes(awsId) ? 'kept' : 'failed';
}

async function deregister({ job, ec2, recovery, context }: Scene, imageId: string): Promise<string | null> {
  return job.step('deregister', async (): Promise<string | null> => {
    try {
      await ec2.deregisterImage(imageId);
      await job.transaction((tx) =>
        appendLog(tx, recovery.id, context.clock.now(), [info(`image ${imageId} deregistered; its snapshots stay`)]),
      );
      return null;
    } catch (error) {
      if (!isCpmError(error) || isWorthRetrying(error)) throw error;
      return `the image ${imageId} could not be deregistered: ${describeError(error)}`;
    }
  });
}
