import type { Estate, EstateInstance } from './format.ts';

const letters = 'bcdefghijklmnopqrstuvwxyz';
const deviceAt = (at: number): string =>
  at < 21
    ? `/dev/sd${letters[at + 3] ?? 'f'}`
    : `/dev/xvd${letters[Math.floor((at - 21) / 25)] ?? 'b'}${letters[(at - 21) % 25] ?? 'b'}`;

const instanceAt = (at: number, volumes: number): EstateInstance => ({
  image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
  type: 't3.micro',
  zone: ['a', 'b', 'c'][at % 3] ?? 'a',
  tags: { Name: `fleet-${String(at + 1).padStart(4, '0')}`, fleet: 'yes' },
  disks: [
    { device: '/dev/xvda', sizeGiB: 8, tags: { Name: `fleet-${at + 1} root` } },
    ...Array.from({ length: volumes - 1 }, (_, disk) => ({
      device: deviceAt(disk),
      sizeGiB: 4,
      tags: { Name: `fleet-${at + 1} data ${disk + 1}` },
    })),
  ],
});

/** Many alike instances in one account and region, for load: `instances` of them with `volumes` each. */
export const fleet = (instances: number, volumes: number): Estate => ({
  name: `fleet:${instances}x${volumes}`,
  regions: ['us-east-1', 'eu-west-1'],
  accounts: [
    {
      id: '111122223333',
      alias: 'fleet',
      accessKeys: [
        {
          accessKeyId: 'AKIAFLEET00000000001',
          secretAccessKey: 'simulated-secret-of-the-fleet-0000000001',
          user: 'cpm',
        },
      ],
      users: [{ name: 'cpm', attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
      regions: { 'us-east-1': { instances: Array.from({ length: instances }, (_, at) => instanceAt(at, volumes)) } },
    },
  ],
});
