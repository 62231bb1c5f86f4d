import type { FieldError } from '../errors.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { InstanceRequest, LaunchSource } from './instance-recovery.ts';
import { launchObstacle, registrationObstacle } from './launch-support.ts';

/**
 * What brings an instance back as it was (REC-3, REC-6): its root snapshot, where an image can be registered from it; else an
 * image whose root volume is replaced by the backed-up one; else an image alone, where there is no root to put in.
 */
export function usualLaunchSource(configuration: InstanceConfiguration, hasRootSnapshot: boolean): LaunchSource {
  if (!hasRootSnapshot || configuration.rootDeviceType === 'instance-store') return 'image';
  return launchObstacle(configuration) === null ? 'snapshot' : 'image-then-swap';
}

/** How an instance would come back where it is not launched from its own root snapshot; null where it is. */
export function unusualLaunch(configuration: InstanceConfiguration, hasRootSnapshot: boolean): string | null {
  const obstacle = launchObstacle(configuration);
  switch (usualLaunchSource(configuration, hasRootSnapshot)) {
    case 'snapshot':
      return null;
    case 'image-then-swap':
      return `it is launched from an image, whose root volume is then replaced by the backed-up one: ${obstacle ?? ''}`;
    case 'image':
      return `it is launched from an image, with the root volume of that image: ${obstacle ?? 'this backup holds no completed snapshot of its root volume'}`;
  }
}

export type ChosenSource = {
  readonly launchFrom: LaunchSource;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/** Where the instance is launched from, as asked or as usual, and what of the wish does not go with it. */
export function chooseLaunchSource({ choice, configuration, volumes }: InstanceRequest): ChosenSource {
  const hasRoot = volumes.some(({ isRoot, isCompleted }) => isRoot && isCompleted);
  // Who says what becomes of CPM's image wants one to be made.
  const usual =
    choice.imageHandling === undefined || choice.launchFrom !== undefined
      ? usualLaunchSource(configuration, hasRoot)
      : 'snapshot';
  const launchFrom = choice.launchFrom ?? usual;
  if (launchFrom === 'snapshot') {
    const path = choice.launchFrom === undefined ? 'imageHandling' : 'launchFrom';
    return { launchFrom, ...snapshotRules({ choice, configuration }, path) };
  }
  const how = choice.launchFrom === undefined ? unusualLaunch(configuration, hasRoot) : null;
  const errors = imageRules({ choice, configuration }, launchFrom);
  return { launchFrom, errors, warnings: how === null ? [] : [how] };
}

type Asked = Pick<InstanceRequest, 'choice' | 'configuration'>;

function snapshotRules({ choice, configuration }: Asked, path: string): Omit<ChosenSource, 'launchFrom'> {
  const obstacle = registrationObstacle(configuration);
  const message = 'an image is only launched from with image or image-then-swap as the source of the launch';
  const errors = [
    ...(obstacle === null ? [] : [{ path, message: obstacle }]),
    ...(choice.imageId === undefined ? [] : [{ path: 'imageId', message }]),
  ];
  const isBilled = obstacle === null && launchObstacle(configuration) !== null;
  const warning =
    'AWS takes the licence of an image from the snapshot, where that still tells it: an image that lost it is thrown away again, and nothing is launched';
  return { errors, warnings: isBilled ? [warning] : [] };
}

function imageRules({ choice, configuration }: Asked, launchFrom: LaunchSource): FieldError[] {
  const errors: FieldError[] = [];
  if (choice.imageHandling !== undefined) {
    const message = 'only goes with a launch from the snapshot: no other makes an image';
    errors.push({ path: 'imageHandling', message });
  }
  if (launchFrom !== 'image-then-swap') return errors;
  if (configuration.rootDeviceType === 'instance-store') {
    const message = 'its root device was on instance store, which has no snapshot: launch it from the image alone';
    errors.push({ path: 'launchFrom', message });
  }
  if ((choice.count ?? 1) !== 1)
    errors.push({ path: 'count', message: 'only one at a time where its root volume is replaced' });
  return errors;
}
