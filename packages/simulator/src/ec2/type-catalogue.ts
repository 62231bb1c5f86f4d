/** An instance type as far as launching and describing it needs. */
export type InstanceType = {
  readonly name: string;
  readonly architectures: readonly string[];
  readonly nitro: boolean;
  readonly vcpus: number;
  readonly threadsPerCore: number;
  readonly memoryMiB: number;
  readonly paravirtual: boolean;
  readonly bootModes: readonly string[];
  /** Local disks in GB: a type with some maps `ephemeralN`, unless they are NVMe and appear by themselves. */
  readonly localDiskGb: number;
  readonly networkInterfaces: number;
  readonly ipsPerInterface: number;
  readonly attachmentLimit: number;
  readonly burstable: boolean;
  readonly current: boolean;
};

type Size = readonly [name: string, vcpus: number, memoryGiB: number];
type Family = Partial<Omit<InstanceType, 'name' | 'vcpus' | 'memoryMiB'>> & { readonly sizes: readonly Size[] };

const burst: readonly Size[] = [
  ['nano', 2, 0.5],
  ['micro', 2, 1],
  ['small', 2, 2],
  ['medium', 2, 4],
  ['large', 2, 8],
  ['xlarge', 4, 16],
  ['2xlarge', 8, 32],
];
const general: readonly Size[] = [
  ['large', 2, 8],
  ['xlarge', 4, 16],
  ['2xlarge', 8, 32],
  ['4xlarge', 16, 64],
  ['8xlarge', 32, 128],
];
const compute: readonly Size[] = [
  ['large', 2, 4],
  ['xlarge', 4, 8],
  ['2xlarge', 8, 16],
  ['4xlarge', 16, 32],
];
const memory: readonly Size[] = [
  ['large', 2, 16],
  ['xlarge', 4, 32],
  ['2xlarge', 8, 64],
  ['4xlarge', 16, 128],
];
const arm: Partial<InstanceType> = { architectures: ['arm64'], bootModes: ['uefi'], threadsPerCore: 1 };
const xen: Partial<InstanceType> = { nitro: false, bootModes: ['legacy-bios'], current: false, attachmentLimit: 40 };

const families: Readonly<Record<string, Family>> = {
  t1: { ...xen, architectures: ['i386', 'x86_64'], paravirtual: true, burstable: true, sizes: [['micro', 1, 0.6]] },
  t2: {
    ...xen,
    current: true,
    architectures: ['i386', 'x86_64'],
    burstable: true,
    threadsPerCore: 1,
    sizes: [
      ['nano', 1, 0.5],
      ['micro', 1, 1],
      ['small', 1, 2],
      ['medium', 2, 4],
      ['large', 2, 8],
    ],
  },
  t3: { burstable: true, sizes: burst },
  t3a: { burstable: true, sizes: burst },
  t4g: { ...arm, burstable: true, sizes: burst },
  m1: {
    ...xen,
    architectures: ['i386', 'x86_64'],
    paravirtual: true,
    localDiskGb: 160,
    sizes: [
      ['small', 1, 1.7],
      ['medium', 1, 3.75],
    ],
  },
  m3: {
    ...xen,
    paravirtual: true,
    localDiskGb: 4,
    sizes: [
      ['medium', 1, 3.75],
      ['large', 2, 7.5],
      ['xlarge', 4, 15],
    ],
  },
  m4: { ...xen, current: true, sizes: general.slice(0, 4) },
  m5: { sizes: general },
  m5d: { localDiskGb: 75, sizes: general },
  m6i: { attachmentLimit: 28, sizes: general },
  m6g: { ...arm, sizes: general },
  m7g: { ...arm, sizes: general },
  m7i: { attachmentLimit: 128, sizes: general },
  c4: { ...xen, current: true, sizes: compute },
  c5: { sizes: compute },
  c6i: { sizes: compute },
  c6g: { ...arm, sizes: compute },
  c7g: { ...arm, sizes: compute },
  r5: { sizes: memory },
  r6i: { sizes: memory },
  r6g: { ...arm, sizes: memory },
};

const modern: Omit<InstanceType, 'name' | 'vcpus' | 'memoryMiB'> = {
  architectures: ['x86_64'],
  nitro: true,
  threadsPerCore: 2,
  paravirtual: false,
  bootModes: ['legacy-bios', 'uefi'],
  localDiskGb: 0,
  networkInterfaces: 4,
  ipsPerInterface: 15,
  attachmentLimit: 28,
  burstable: false,
  current: true,
};

/** The instance types the simulated regions offer. */
export const typeCatalogue: readonly InstanceType[] = Object.entries(families).flatMap(
  ([family, { sizes, ...traits }]) =>
    sizes.map(([size, vcpus, memoryGiB]) => ({
      ...modern,
      ...traits,
      name: `${family}.${size}`,
      vcpus,
      memoryMiB: Math.round(memoryGiB * 1024),
    })),
);

const byName: ReadonlyMap<string, InstanceType> = new Map(typeCatalogue.map((type) => [type.name, type]));

export const typeNamed = (name: string): InstanceType | undefined => byName.get(name);
