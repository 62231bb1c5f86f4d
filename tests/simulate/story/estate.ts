import type { Estate } from '@cpm/simulator';
import type { Chance } from '../support/random.ts';

/** Keys of the one AWS account of a simulated company: CPM's own, and those of people who change things behind its back. */
export const KEYS = {
  cpm: { accessKeyId: 'AKIASIMULATECPM00001', secretAccessKey: 'simulated-secret-of-the-backup-user-0001' },
  people: { accessKeyId: 'AKIASIMULATEPEOPLE01', secretAccessKey: 'simulated-secret-of-the-administrators-1' },
} as const;
export const ACCOUNT_NUMBER = '111122223333';
export const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2'] as const;
export const IMAGE = 'al2023-ami';

/** What can be backed up: an instance with its volumes, or a volume by itself. */
export type Asset = {
  readonly kind: 'instance' | 'volume';
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** Of an instance its attached volumes, of a volume itself. */
  readonly volumeIds: readonly string[];
};

export type Company = { readonly estate: Estate; readonly assets: readonly Asset[] };

const hex = (chance: Chance) => Array.from({ length: 16 }, () => chance.between(0, 15).toString(16)).join('');
const volumeId = (chance: Chance) => `vol-0${hex(chance)}`;

/** Some instances and volumes in two or three regions; ids are fixed, so that a run names them as every other does. */
export function foundCompany(chance: Chance): Company {
  const regions = chance.some(REGIONS, chance.between(1, 2));
  const assets = regions.flatMap((region) => [
    ...Array.from({ length: chance.between(1, 3) }, (_, at) => instance(chance, region, at)),
    ...Array.from({ length: chance.between(0, 2) }, (_, at) => volume(chance, region, at)),
  ]);
  const user = { attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] };
  const estate: Estate = {
    name: 'a company',
    regions: [...REGIONS],
    accounts: [
      {
        id: ACCOUNT_NUMBER,
        alias: 'company',
        accessKeys: [
          { ...KEYS.cpm, user: 'cpm' },
          { ...KEYS.people, user: 'people' },
        ],
        users: [
          { name: 'cpm', ...user },
          { name: 'people', ...user },
        ],
        regions: Object.fromEntries(regions.map((region) => [region, regionOf(region, assets)])),
      },
    ],
  };
  return { estate, assets };
}

function instance(chance: Chance, region: string, at: number): Asset {
  const volumeIds = Array.from({ length: chance.between(1, 3) }, () => volumeId(chance));
  return { kind: 'instance', id: `i-0${hex(chance)}`, name: `host-${region}-${at + 1}`, region, volumeIds };
}

function volume(chance: Chance, region: string, at: number): Asset {
  const id = volumeId(chance);
  return { kind: 'volume', id, name: `disk-${region}-${at + 1}`, region, volumeIds: [id] };
}

function regionOf(region: string, assets: readonly Asset[]) {
  const here = assets.filter((asset) => asset.region === region);
  return {
    instances: here
      .filter(({ kind }) => kind === 'instance')
      .map(({ id, name, volumeIds }) => ({
        id,
        image: IMAGE,
        type: 't3.micro',
        zone: 'a',
        tags: { Name: name },
        disks: volumeIds.map((volume, at) => ({
          id: volume,
          device: at === 0 ? '/dev/xvda' : `/dev/sd${'fgh'.charAt(at - 1)}`,
          sizeGiB: 8 + 4 * at,
          tags: { Name: `${name} disk ${at + 1}` },
        })),
      })),
    volumes: here
      .filter(({ kind }) => kind === 'volume')
      .map(({ id, name }) => ({ id, sizeGiB: 20, zone: 'a', tags: { Name: name } })),
  };
}
