/** What AWS tells of an instance type in the target region (EC2 API Reference, InstanceTypeInfo). */
export type InstanceTypeFacts = {
  readonly instanceType: string;
  readonly architectures: readonly string[];
  readonly virtualizationTypes: readonly string[];
  readonly bootModes: readonly string[];
  readonly ena: 'required' | 'supported' | 'unsupported';
  readonly hasNitroTpm: boolean;
  readonly placementStrategies: readonly string[];
  readonly supportsDedicatedHosts: boolean;
  /** How many network interfaces it takes; null where AWS does not say. */
  readonly mostInterfaces: number | null;
  readonly supportsHibernation: boolean;
  readonly supportsEnclaves: boolean;
  readonly isBurstable: boolean;
  /** What it has unless asked otherwise; null where AWS does not say. */
  readonly defaultCpu: { readonly coreCount: number; readonly threadsPerCore: number } | null;
  /** `mapped` needs a block device mapping, `nvme` appears by itself. */
  readonly instanceStore: 'none' | 'mapped' | 'nvme';
};

/** What the system of an instance needs of the hardware it is to run on. */
export type SystemNeeds = {
  readonly architecture: string;
  readonly virtualizationType: string;
  readonly bootMode: string | null;
  readonly isEnaSupported: boolean;
  readonly tpmSupport: string | null;
};

/**
 * Why an instance type cannot start a system, each reason a clause that follows the type's name; none where it can. The
 * reasons are those for which RunInstances refuses, or for which the instance would never boot.
 */
export function typeObstacles(facts: InstanceTypeFacts, system: SystemNeeds): string[] {
  const { architecture, virtualizationType, bootMode, tpmSupport } = system;
  const obstacles: string[] = [];
  if (!facts.architectures.includes(architecture))
    obstacles.push(`is for ${facts.architectures.join(' and ')}, and the system is ${architecture}`);
  if (!facts.virtualizationTypes.includes(virtualizationType))
    obstacles.push(`runs ${facts.virtualizationTypes.join(' and ')} systems, and this one is ${virtualizationType}`);
  if (facts.ena === 'required' && !system.isEnaSupported)
    obstacles.push('needs a system with the network driver ENA, and the original had it not enabled');
  // A system that prefers UEFI starts from the other firmware as well.
  const firmware = bootMode === 'uefi-preferred' ? null : bootMode;
  if (firmware !== null && !facts.bootModes.includes(firmware))
    obstacles.push(`starts by ${facts.bootModes.join(' or ')}, and the system by ${firmware}`);
  if (tpmSupport !== null && !facts.hasNitroTpm) obstacles.push('has no NitroTPM, and the original had one');
  return obstacles;
}
