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

/** What can be backed up: an instance with its volumes, a volume by itself, a database or a cluster. */
export type Asset = {
  readonly kind: 'instance' | 'volume' | 'database' | 'database-cluster' | 'redshift-cluster';
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** Of an instance its attached volumes, of a volume itself; none of what is no machine. */
  readonly volumeIds: readonly string[];
};

export type Company = { readonly estate: Estate; readonly assets: readonly Asset[] };

const hex = (chance: Chance) => Array.from({ length: 16 }, () => chance.between(0, 15).toString(16)).join('');
const volumeId = (chance: Chance) => `vol-0${hex(chance)}`;

/** Some machines, volumes and databases in one or two regions; ids are fixed, so that a run names them as every other does. */
export function foundCompany(chance: Chance): Company {
  const regions = chance.some(REGIONS, chance.between(1, 2));
  const assets = regions.flatMap((region) => [
    ...Array.from({ length: chance.between(1, 2) }, (_, at) => instance(chance, region, at)),
    ...Array.from({ length: chance.between(0, 2) }, (_, at) => volume(chance, region, at)),
    ...DATABASES.filter(() => chance.happens(0.25)).map((kind) => database(kind, region)),
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

const DATABASES = ['database', 'database-cluster', 'redshift-cluster'] as const;

function database(kind: (typeof DATABASES)[number], region: string): Asset {
  const name = `${kind}-${region}`;
  return { kind, id: name, name, region, volumeIds: [] };
}

function regionOf(region: string, assets: readonly Asset[]) {
  const here = assets.filter((asset) => asset.region === region);
  const named = (kind: Asset['kind']) => here.filter((asset) => asset.kind === kind).map(({ name }) => name);
  return {
    databases: named('database').map((name) => ({ name, engine: 'postgres', class: 'db.t3.micro', sizeGiB: 20 })),
    databaseClusters: named('database-cluster').map((name) => ({
      name,
      engine: 'aurora-postgresql',
      members: [{ name: `${name}-1`, class: 'db.r6g.large' }],
    })),
    redshiftClusters: named('redshift-cluster').map((name) => ({ name, nodeType: 'ra3.large' })),
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
