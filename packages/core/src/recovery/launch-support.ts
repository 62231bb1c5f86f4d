import type { InstanceConfiguration } from './instance-configuration.ts';

const ARCHITECTURES = ['x86_64', 'arm64', 'i386'];
/** What EC2 reports as the usage operation of plain Linux: no licence is billed with the instance. */
const PLAIN_USAGE_OPERATION = 'RunInstances';

/**
 * Why an instance is not launched from its root snapshot; null when it is. A licence that AWS bills (Windows, RHEL, SUSE,
 * SQL Server) may be lost in an image registered from a snapshot. Source: EC2 API Reference, RegisterImage.
 */
export function launchObstacle(configuration: InstanceConfiguration): string | null {
  return windowsObstacle(configuration) ?? licenceObstacle(configuration) ?? machineObstacle(configuration);
}

/** Why no image at all can be registered from its root snapshot, even for whoever wants to try it; null when one can. */
export function registrationObstacle(configuration: InstanceConfiguration): string | null {
  return windowsObstacle(configuration) ?? machineObstacle(configuration);
}

/** Whether its system is Windows, by whatever AWS tells of it. */
export const isWindows = ({ platform, platformDetails }: Pick<InstanceConfiguration, 'platform' | 'platformDetails'>) =>
  platform?.toLowerCase() === 'windows' || /windows/i.test(platformDetails ?? '');

function windowsObstacle(configuration: InstanceConfiguration): string | null {
  const { platform, platformDetails } = configuration;
  if (!isWindows(configuration)) return null;
  return `${platformDetails ?? platform ?? 'Windows'} cannot be registered from a snapshot so that it starts`;
}

function licenceObstacle({ platform, platformDetails, usageOperation }: InstanceConfiguration): string | null {
  if (!isBilled(usageOperation)) return null;
  const system = platformDetails ?? platform ?? 'this system';
  return `${system} is billed with a licence that an image made from a snapshot would lose`;
}

/** Whether a licence is billed with it. */
export const isBilled = (usageOperation: string | null): boolean =>
  usageOperation !== null && usageOperation !== '' && usageOperation !== PLAIN_USAGE_OPERATION;

function machineObstacle(configuration: InstanceConfiguration): string | null {
  const { rootDeviceType, architecture } = configuration;
  if (rootDeviceType === 'instance-store') return 'its root device is on instance store, which has no snapshot';
  if (!ARCHITECTURES.includes(architecture))
    return `the architecture ${architecture} needs a dedicated host and its own image`;
  if (configuration.virtualizationType === 'paravirtual' && configuration.kernelId === null) {
    return 'it is paravirtual and its kernel was not recorded';
  }
  return configuration.rootDeviceName === null ? 'its root device was not recorded' : null;
}

/** How AWS bills a system: what it calls it, and the code of its licence (EC2 User Guide, "AMI billing information fields"). */
export type Billing = { readonly platformDetails: string | null; readonly usageOperation: string | null };

/**
 * Why an image is not billed as the backed-up instance was; null where it is, or where AWS told too little of the instance.
 * An image that tells nothing has lost a licence, and is right for a system without one.
 */
export function billingDifference(recorded: Billing, found: Billing): string | null {
  const was = recorded.usageOperation ?? '';
  const is = found.usageOperation ?? '';
  if (was === '' || was === is || (is === '' && !isBilled(was))) return null;
  return `it is billed as ${inWords(found)}, and the original as ${inWords(recorded)}`;
}

const inWords = ({ platformDetails, usageOperation }: Billing): string =>
  usageOperation === null || usageOperation === ''
    ? 'nothing that AWS tells'
    : `${platformDetails ?? 'a system without a name'} (${usageOperation})`;

/** What a launched instance will not have of the original's, for the user to put right by hand. */
export function launchLosses(configuration: InstanceConfiguration): string[] {
  const [first] = configuration.networkInterfaces.toSorted((a, b) => a.deviceIndex - b.deviceIndex);
  const losses: string[] = [];
  if (configuration.lifecycle === 'spot') losses.push('the original was a spot instance; the new one is on demand');
  if (first !== undefined && first.publicIp !== null) {
    losses.push(`the public address ${first.publicIp} stays with the original; the new instance gets another or none`);
  }
  if (configuration.productCodes.length > 0) {
    losses.push('it carries product codes of AWS Marketplace: the account must be subscribed to them');
  }
  return losses;
}
