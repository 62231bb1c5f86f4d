import type { Estate } from '@cpm/simulator';

export const REGION = 'us-east-1';
export const FILE_SERVER = 'i-0dec0000000000001';
export const BROKEN_VOLUME = 'vol-0dec000000000000b';
export const SHOP_SERVER = 'i-0dec0000000000002';
export const DATABASE = 'bookings';

const subnets = ['a', 'b'].map((zone, index) => ({ name: `main-${zone}`, cidr: `10.9.${index + 1}.0/24`, zone }));
const keys = { accessKeyId: 'AKIATROUBLED00000001', secretAccessKey: 'simulated-secret-of-the-troubled-estate-1' };
const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
const forgotten = { Effect: 'Deny', Action: 'rds:CreateDBSnapshot', Resource: '*' };

/** An AWS account where things go wrong: snapshots of one volume fail, and CPM's user may not snapshot databases. */
export const troubled: Estate = {
  name: 'troubled',
  regions: [REGION],
  settings: { timing: { snapshotBaseMs: 3_000, snapshotPerGiBMs: 20 } },
  accounts: [
    {
      id: '555566667777',
      alias: 'troubled',
      accessKeys: [{ ...keys, user: 'cpm' }],
      users: [{ name: 'cpm', policies: { backup: { Version: '2012-10-17', Statement: [allow, forgotten] } } }],
      regions: {
        [REGION]: {
          vpcs: [{ name: 'main', cidr: '10.9.0.0/16', subnets }],
          databaseSubnetGroups: [{ name: 'main', subnets: ['main-a', 'main-b'] }],
          instances: [
            {
              id: FILE_SERVER,
              image: 'al2023-ami',
              type: 't3.small',
              subnet: 'main-a',
              tags: { Name: 'files' },
              disks: [{ id: 'vol-0dec000000000000a', device: '/dev/xvda', sizeGiB: 10 }],
            },
            {
              id: SHOP_SERVER,
              image: 'al2023-ami',
              type: 't3.small',
              subnet: 'main-b',
              tags: { Name: 'shop' },
              disks: [{ id: 'vol-0dec000000000000c', device: '/dev/xvda', sizeGiB: 20 }],
            },
          ],
          volumes: [
            {
              id: BROKEN_VOLUME,
              zone: 'a',
              sizeGiB: 40,
              tags: { Name: 'archive' },
              snapshotsFail: 'The disk could not be read',
            },
          ],
          databases: [{ name: DATABASE, engine: 'postgres', class: 'db.t4g.medium', sizeGiB: 20, subnetGroup: 'main' }],
        },
      },
    },
  ],
};
