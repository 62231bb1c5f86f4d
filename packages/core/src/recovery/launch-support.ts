import type { InstanceConfiguration } from './instance-configuration.ts';

const ARCHITECTURES = ['x86_64', 'arm64', 'i386'];
/** What EC2 reports as the usage operation of plain Linux: no licence is billed with the instance. */
const PLAIN_USAGE_OPERATION = 'RunInstances';

/**
 * Why an instance cannot be launched from its root snapshot; null when it can. A licence that AWS bills (Windows, RHEL,
 * SUSE, SQL Server) is lost in an image registered from a snapshot, so it is refused and never registered as plain
 * Linux. Source: EC2 API Reference, RegisterImage.
 */
export function launchObstacle(configuration: InstanceConfiguration): string | null {
  const { platform, platformDetails, usageOperation, rootDeviceType, architecture } = configuration;
  const system = platformDetails ?? platform ?? 'this system';
  if (platform?.toLowerCase() === 'windows' || /windows/i.test(platformDetails ?? '')) {
    return `${system} cannot be registered from a snapshot; recover its volumes and swap them into an instance launched from an image`;
  }
  if (usageOperation !== null && usageOperation !== '' && usageOperation !== PLAIN_USAGE_OPERATION) {
    return `${system} is billed with a licence that an image made from a snapshot would lose; recover its volumes and swap them`;
  }
  if (rootDeviceType === 'instance-store') return 'its root device is on instance store, which has no snapshot';
  if (!ARCHITECTURES.includes(architecture))
    return `the architecture ${architecture} needs a dedicated host and its own image`;
  if (configuration.virtualizationType === 'paravirtual' && configuration.kernelId === null) {
    return 'it is paravirtual and its kernel was not recorded';
  }
  return configuration.rootDeviceName === null ? 'its root device was not recorded' : null;
}

/** What a launched instance will not have of the original's, for the user to put right by hand. */
export function launchLosses(configuration: InstanceConfiguration): string[] {
  const [first, ...others] = [...configuration.networkInterfaces].sort((a, b) => a.deviceIndex - b.deviceIndex);
  const losses: string[] = [];
  if (configuration.lifecycle === 'spot') losses.push('the original was a spot instance; the new one is on demand');
  for (const { interfaceId, privateIp } of others) {
    losses.push(`the network interface ${interfaceId}${privateIp === null ? '' : ` (${privateIp})`} is not made again`);
  }
  if (first !== undefined && first.secondaryPrivateIps.length > 0) {
    losses.push(`the secondary addresses ${first.secondaryPrivateIps.join(', ')} are not assigned again`);
  }
  if (first !== undefined && first.publicIp !== null) {
    losses.push(`the public address ${first.publicIp} stays with the original; the new instance gets another or none`);
  }
  if (first?.isSourceDestChecked === false) losses.push('source/destination check has to be switched off again');
  if (configuration.productCodes.length > 0) {
    losses.push('it carries product codes of AWS Marketplace: the account must be subscribed to them');
  }
  return losses;
}
