import { createHash } from 'node:crypto';
import { makeImage } from '../ec2/make-image.ts';
import { makeSnapshot } from '../ec2/make-snapshot.ts';
import { makeVolume } from '../ec2/make-volume.ts';
import { newAccount } from '../iam/accounts.ts';
import type { Account } from '../iam/records.ts';
import type { Region, World } from '../state/world.ts';
import { foundingCall } from './founding.ts';

type PublicImage = {
  readonly name: string;
  readonly owner: string;
  readonly ownerAlias: string | undefined;
  readonly architecture: string;
  readonly root: string;
  readonly sizeGiB: number;
  readonly bootMode: string | undefined;
  readonly platformDetails: string;
  /** Than the others, which are a year old. */
  readonly daysYounger?: number;
  readonly tpmSupport?: string;
  readonly productCodes?: readonly string[];
  /** Its root is on instance store, with no snapshot. */
  readonly onInstanceStore?: boolean;
};

const amazon = '137112412989';
const canonical = '099720109477';

const amazonLinux: PublicImage = {
  name: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
  owner: amazon,
  ownerAlias: 'amazon',
  architecture: 'x86_64',
  root: '/dev/xvda',
  sizeGiB: 8,
  bootMode: 'uefi-preferred',
  platformDetails: 'Linux/UNIX',
};

/** The images that anybody may launch, by the names and owners they have in AWS. */
const publicImages: readonly PublicImage[] = [
  amazonLinux,
  {
    name: 'al2023-ami-2023.9.20251110.1-kernel-6.1-arm64',
    owner: amazon,
    ownerAlias: 'amazon',
    architecture: 'arm64',
    root: '/dev/xvda',
    sizeGiB: 8,
    bootMode: 'uefi',
    platformDetails: 'Linux/UNIX',
  },
  {
    name: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251022',
    owner: '099720109477',
    ownerAlias: undefined,
    architecture: 'x86_64',
    root: '/dev/sda1',
    sizeGiB: 8,
    bootMode: 'uefi-preferred',
    platformDetails: 'Linux/UNIX',
  },
  {
    name: 'Windows_Server-2022-English-Full-Base-2025.11.12',
    owner: '801119661308',
    ownerAlias: 'amazon',
    architecture: 'x86_64',
    root: '/dev/sda1',
    sizeGiB: 30,
    bootMode: undefined,
    platformDetails: 'Windows',
  },
  {
    name: 'TPM-Windows_Server-2022-English-Full-Base-2025.11.12',
    owner: '801119661308',
    ownerAlias: 'amazon',
    architecture: 'x86_64',
    root: '/dev/sda1',
    sizeGiB: 30,
    bootMode: 'uefi',
    platformDetails: 'Windows',
    tpmSupport: 'v2.0',
  },
  {
    name: 'RHEL-9.6.0_HVM-20251027-x86_64-0-Hourly2-GP3',
    owner: '309956199498',
    ownerAlias: undefined,
    architecture: 'x86_64',
    root: '/dev/sda1',
    sizeGiB: 10,
    bootMode: 'uefi-preferred',
    platformDetails: 'Red Hat Enterprise Linux',
  },
  {
    name: 'amzn-ami-hvm-2018.03.0.20230807.0-x86_64-s3',
    owner: amazon,
    ownerAlias: 'amazon',
    architecture: 'x86_64',
    root: '/dev/sda1',
    sizeGiB: 8,
    bootMode: undefined,
    platformDetails: 'Linux/UNIX',
    onInstanceStore: true,
  },
  {
    name: 'appliance-of-the-marketplace-3.1',
    owner: '679593333241',
    ownerAlias: 'aws-marketplace',
    architecture: 'x86_64',
    root: '/dev/xvda',
    sizeGiB: 8,
    bootMode: 'uefi-preferred',
    platformDetails: 'Linux/UNIX',
    productCodes: ['8l0nsvpcm0ry1x2s3t4u5v6w7'],
  },
  // Other versions and kin of the above.
  { ...amazonLinux, name: 'al2023-ami-2023.8.20250915.0-kernel-6.1-x86_64', daysYounger: -60 },
  { ...amazonLinux, name: 'al2023-ami-2023.9.20251208.0-kernel-6.1-x86_64', daysYounger: 20 },
  { ...amazonLinux, name: 'al2023-ami-minimal-2023.9.20251110.1-kernel-6.1-x86_64' },
  { ...amazonLinux, name: 'amzn2-ami-kernel-5.10-hvm-2.0.20251105.0-x86_64-gp2', bootMode: undefined },
  {
    ...amazonLinux,
    name: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251126',
    owner: canonical,
    ownerAlias: undefined,
    root: '/dev/sda1',
    daysYounger: 25,
  },
  {
    ...amazonLinux,
    name: 'Windows_Server-2022-English-Full-Base-2025.12.10',
    owner: '801119661308',
    root: '/dev/sda1',
    sizeGiB: 30,
    bootMode: undefined,
    platformDetails: 'Windows',
    daysYounger: 28,
  },
  // Anybody may publish an image under a name that sounds like AWS's.
  { ...amazonLinux, owner: '679593333241', ownerAlias: 'aws-marketplace' },
];

const fixedId = (prefix: string, region: Region, { name, owner }: PublicImage): string => {
  const namesake = name === amazonLinux.name && owner !== amazon ? owner : '';
  const hash = createHash('sha256').update(`${prefix}/${region.name}/${name}${namesake}`);
  return `${prefix}-0${hash.digest('hex').slice(0, 16)}`;
};

const publish = (world: World, region: Region, account: Account, wish: PublicImage): void => {
  const call = foundingCall(
    { world, region, account },
    {
      action: 'Founding',
      fields: [],
      ids: [fixedId('snap', region, wish)],
      laterMs: ((wish.daysYounger ?? 0) - 365) * 86_400_000,
    },
  );
  const volume = makeVolume(call, {
    shape: { sizeGiB: wish.sizeGiB, type: 'gp3', iops: 3_000, throughputMiBps: 125, multiAttach: false },
    zone: region.zones[0]?.name ?? '',
    source: undefined,
    encryption: { encrypted: false, kmsKeyArn: undefined, keyRefused: false },
    tags: new Map(),
    readyAtOnce: true,
  });
  const snapshot = makeSnapshot(call, volume, {
    description: '',
    tags: new Map(),
    platformDetails: wish.platformDetails,
    productCodes: wish.productCodes,
  });
  region.volumes.delete(volume.id);
  const ebs = {
    snapshotId: snapshot.id,
    sizeGiB: wish.sizeGiB,
    type: 'gp3' as const,
    iops: 3_000,
    throughputMiBps: 125,
    deleteOnTermination: true,
    encrypted: false,
    kmsKeyArn: undefined,
  };
  const image = makeImage(call, {
    id: fixedId('ami', region, wish),
    name: wish.name,
    description: wish.name,
    architecture: wish.architecture,
    virtualizationType: 'hvm',
    rootDeviceName: wish.root,
    rootDeviceType: wish.onInstanceStore === true ? 'instance-store' : 'ebs',
    blockDevices: wish.onInstanceStore === true ? [] : [{ device: wish.root, virtualName: undefined, ebs }],
    enaSupport: true,
    sriovNetSupport: 'simple',
    bootMode: wish.bootMode,
    tpmSupport: wish.tpmSupport,
    uefiData: undefined,
    imdsSupport: undefined,
    kernelId: undefined,
    ramdiskId: undefined,
    platformDetails: wish.platformDetails,
    tags: new Map(),
    availableAt: call.now,
    ownerAlias: wish.ownerAlias,
  });
  image.launchPermissions.add('all');
};

/** Publishes the images of AWS and of others in every region; their ids are the same in every run. */
export const publishImages = (world: World): void => {
  for (const wish of publicImages) {
    const account = newAccount(wish.owner, wish.ownerAlias, 0);
    for (const region of world.regions.values()) publish(world, region, account, wish);
  }
};
