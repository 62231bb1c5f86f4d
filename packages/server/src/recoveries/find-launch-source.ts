import { billingDifference, isBilled, type ImagePlan, type InstancePlan, type Instant } from '@cpm/core';
import { makeRootVolume } from './make-root-volume.ts';
import type { RecoveryScene } from './recovery-job.ts';
import type { ObjectRow } from './recovery-objects.store.ts';
import { registerImage } from './register-image.ts';

type Scene = RecoveryScene<InstancePlan>;

type Source = {
  readonly imageId: string;
  /** The image that the recovery itself made: it may take that one away again, and no other. */
  readonly ownImageId: string | undefined;
  readonly rootVolumeId: string | null;
  /** What stays behind where nothing is launched, in words. */
  readonly left: readonly string[];
};
type NoSource = {
  readonly failure: string;
  readonly ownImageId: string | undefined;
  readonly isDiscarded?: boolean;
  readonly isUnseen?: boolean;
};

/** When the recovery's own image was first waited for. */
export const imageMadeAt = ({ job, context }: Scene): Promise<Instant> =>
  job.step('image made', () => context.clock.now());

/** The image to launch: CPM's own, registered and checked, or one that is there, beside which the root volume is made. */
export async function findLaunchSource(
  scene: Scene,
  { objects, isWaiting }: { readonly objects: readonly ObjectRow[]; readonly isWaiting: (since: Instant) => boolean },
): Promise<Source | NoSource | 'look again'> {
  const { image, existing } = scene.plan;
  if (existing === null) {
    const object = objects.find(({ kind }) => kind === 'image');
    if (image === null || object === undefined) throw new Error('a planned image has no record');
    return findOwnImage(scene, image, { object, isWaiting });
  }
  const source = { imageId: existing.imageId, ownImageId: undefined, rootVolumeId: null, left: [] };
  if (existing.swap === null) return source;
  const object = objects.find(({ kind }) => kind === 'volume');
  if (object === undefined) throw new Error('a planned root volume has no record');
  const made = await makeRootVolume(scene, existing.swap, { object, isWaiting });
  if (made === 'look again') return made;
  if ('failure' in made) return { failure: `no root volume: ${made.failure}`, ownImageId: undefined };
  return { ...source, rootVolumeId: made.id, left: [`its root volume ${made.id} is made and stays`] };
}

async function findOwnImage(
  scene: Scene,
  plan: ImagePlan,
  { object, isWaiting }: { readonly object: ObjectRow; readonly isWaiting: (since: Instant) => boolean },
): Promise<Source | NoSource | 'look again'> {
  const { job, access } = scene;
  const image = await registerImage(scene, plan, object);
  if (image === 'look again') return image;
  if ('failure' in image) return { failure: `no image: ${image.failure}`, ownImageId: undefined };
  const source = { imageId: image.id, ownImageId: image.id, rootVolumeId: null, left: [] };
  // After the launch the image is not needed any more, and may be gone already.
  if (job.finished('launch')) return source;
  // A fresh image can be launched as it is mostly: AWS is asked about it where it refused that, and where a licence is at stake.
  const isPlain = scene.plan.launch !== null && !isBilled(plan.billing.usageOperation);
  if (isPlain && !job.startedBefore('launch')) return source;
  const [seen] = await access.ec2.describeImages([image.id]);
  if (seen?.state !== 'available' && seen?.state !== 'failed' && isWaiting(await imageMadeAt(scene)))
    return 'look again';
  if (seen?.state !== 'available') {
    const why = seen?.stateReason ?? seen?.state ?? 'AWS does not show it';
    const failure = `the image ${image.id} did not become available: ${why}`;
    return { failure, ownImageId: image.id, isUnseen: seen === undefined };
  }
  const difference = billingDifference(plan.billing, seen);
  if (difference === null) return source;
  const failure = `the image ${image.id} cannot be used: ${difference}. Launch it from an image that is billed alike, and have its root volume replaced (image-then-swap)`;
  return { failure, ownImageId: image.id, isDiscarded: true };
}
