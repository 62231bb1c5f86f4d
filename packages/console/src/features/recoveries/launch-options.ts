import type { BackedUpResource } from '@cpm/contract';
import { registrationObstacle, usualLaunchSource, type LaunchSource } from '@cpm/core';
import { launchSnapshots } from './instance-values.ts';
import { recordedInstance } from './volume-shape.ts';

type Option = { readonly value: '' | LaunchSource; readonly label: string; readonly disabled: boolean };

const NAMES: Record<LaunchSource, string> = {
  snapshot: 'Snapshot',
  image: 'Image',
  'image-then-swap': 'Image, with the root volume swapped',
};

/** What brings the instance back as it was, so what happens unless something else is asked for. */
export function usualLaunchOf(resource: BackedUpResource): LaunchSource {
  const recorded = recordedInstance(resource);
  return recorded === null ? 'snapshot' : usualLaunchSource(recorded, hasRoot(resource));
}

/** The ways to launch, with the reason where one is not possible for the backed-up system. */
export function launchOptions(resource: BackedUpResource): Option[] {
  const recorded = recordedInstance(resource);
  const noRoot =
    recorded?.rootDeviceType === 'instance-store'
      ? 'its root was on instance store'
      : hasRoot(resource)
        ? null
        : 'the backup holds no root volume';
  const obstacle = noRoot ?? (recorded === null ? null : registrationObstacle(recorded));
  return [
    { value: '', label: `As usual: ${NAMES[usualLaunchOf(resource)].toLowerCase()}`, disabled: false },
    option('snapshot', obstacle),
    option('image', null),
    option('image-then-swap', noRoot),
  ];
}

const hasRoot = (resource: BackedUpResource): boolean => launchSnapshots(resource).some(({ isRoot }) => isRoot);

/** With the part of the reason that fits into a list. */
function option(value: LaunchSource, obstacle: string | null): Option {
  const why = obstacle === null ? '' : ` (not possible: ${obstacle.split(/[;,]/)[0] ?? obstacle})`;
  return { value, label: `${NAMES[value]}${why}`, disabled: obstacle !== null };
}
