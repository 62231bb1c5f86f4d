import { launchObstacle, type InstanceConfiguration, type LaunchSource } from '@cpm/core';

type Option = { readonly value: '' | LaunchSource; readonly label: string; readonly disabled: boolean };

/** The ways to launch, with the reason where one is not possible for the backed-up system. */
export function launchOptions(recorded: InstanceConfiguration | null): Option[] {
  const why = recorded === null ? 'its configuration was not recorded' : launchObstacle(recorded);
  const noRoot = recorded?.rootDeviceType === 'instance-store' ? 'its root is on instance store' : null;
  const option = (value: Option['value'], label: string, obstacle: string | null = null): Option => ({
    value,
    label: obstacle === null ? label : `${label} (not possible: ${shorten(obstacle)})`,
    disabled: obstacle !== null,
  });
  return [
    option('', 'As it fits'),
    option('snapshot', 'Snapshot', why),
    option('image', 'Image'),
    option('image-then-swap', 'Image, with the root volume swapped', noRoot),
  ];
}

/** The part that fits into a list. */
const shorten = (reason: string): string => reason.split(/[;,]/)[0] ?? reason;
