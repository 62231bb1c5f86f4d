import { isEc2Id } from '../aws-names.ts';
import type { FieldError } from '../errors.ts';
import type { InstanceConfiguration } from './instance-configuration.ts';
import type { InstanceRecoveryChoice, InstanceRequest } from './instance-recovery.ts';
import type { SystemNeeds } from './instance-type-facts.ts';

/** The architectures that one system may be registered as: a 32-bit system runs where x86 does, ARM only on ARM. */
const KIN: Readonly<Record<string, readonly string[]>> = {
  i386: ['i386', 'x86_64'],
  x86_64: ['x86_64', 'i386'],
  arm64: ['arm64'],
};

export type PlannedSystem = {
  /** The backed-up configuration as the new instance is to start it. */
  readonly configuration: InstanceConfiguration;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/** What the new instance starts as: architecture, kernel and RAM disk (REC-4), the rest as it was backed up. */
export function planSystem(original: InstanceConfiguration, choice: InstanceRecoveryChoice): PlannedSystem {
  const { architecture = original.architecture } = choice;
  const kernelId = choice.kernelId === undefined ? original.kernelId : choice.kernelId;
  const ramdiskId = choice.ramdiskId === undefined ? original.ramdiskId : choice.ramdiskId;
  const isOther = architecture !== original.architecture;
  const isKin = !isOther || (KIN[original.architecture] ?? []).includes(architecture);
  const errors = [
    ...(isKin
      ? []
      : [{ path: 'architecture', message: `a system of ${original.architecture} does not start as ${architecture}` }]),
    ...checkKernel('kernelId', 'aki', { choice: choice.kernelId, original }),
    ...checkKernel('ramdiskId', 'ari', { choice: choice.ramdiskId, original }),
  ];
  const warnings =
    isOther && isKin
      ? [
          `it is registered as ${architecture}, and was ${original.architecture}: it starts only if the system is made for it`,
        ]
      : [];
  // What is refused here is not judged once more by what depends on it.
  const system = { architecture: isKin ? architecture : original.architecture, kernelId, ramdiskId };
  return { configuration: { ...original, ...system }, errors, warnings };
}

/** What starts where an image that is there is launched: its own system, which architecture and kernel must suit. */
export function systemOfImage({ configuration, choice, image }: InstanceRequest): {
  readonly configuration: SystemNeeds;
  readonly errors: readonly FieldError[];
} {
  if (image === null) return { configuration, errors: [] };
  const architecture = image.architecture ?? configuration.architecture;
  const virtualizationType = image.virtualizationType ?? configuration.virtualizationType;
  const { bootMode, isEnaSupported, tpmSupport } = image;
  const isOther = choice.architecture !== undefined && choice.architecture !== architecture;
  return {
    configuration: { architecture, virtualizationType, bootMode, isEnaSupported, tpmSupport },
    errors: [
      ...(isOther ? [{ path: 'architecture', message: `${image.imageId} is for ${architecture}` }] : []),
      ...checkKernel('kernelId', 'aki', { choice: choice.kernelId, original: { virtualizationType } }),
      ...checkKernel('ramdiskId', 'ari', { choice: choice.ramdiskId, original: { virtualizationType } }),
    ],
  };
}

type Kernel = {
  readonly choice: string | null | undefined;
  readonly original: Pick<InstanceConfiguration, 'virtualizationType'>;
};

function checkKernel(path: string, prefix: 'aki' | 'ari', { choice, original }: Kernel): FieldError[] {
  if (choice === undefined || choice === null) return [];
  if (original.virtualizationType !== 'paravirtual')
    return [{ path, message: 'is only for paravirtual instances; this one starts from its own disk' }];
  return isEc2Id(prefix, choice) ? [] : [{ path, message: `is no id such as ${prefix}-0123456789abcdef0` }];
}
