import type { Estate, EstateDisk } from './format.ts';

const KEY = 'alias/harbour-backup';

const disk = (device: string, sizeGiB: number, name: string, more: Partial<EstateDisk> = {}): EstateDisk => ({
  device,
  sizeGiB,
  tags: { Name: name },
  ...more,
});

const underKey = { encrypted: true, kmsKey: KEY } as const;

/** A company with one of every kind that can be recovered, in one region: what a recovery must bring back as it was. */
export const everyKind: Estate = {
  name: 'every-kind',
  regions: ['us-east-1'],
  accounts: [
    {
      id: '222233334444',
      alias: 'harbour',
      accessKeys: [
        {
          accessKeyId: 'AKIAEVERYKIND0000001',
          secretAccessKey: 'simulated-secret-of-every-kind-000000001',
          user: 'cpm',
        },
      ],
      users: [{ name: 'cpm', attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
      roles: [
        {
          name: 'harbour-server',
          instanceProfile: true,
          trust: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
        },
      ],
      regions: {
        'us-east-1': {
          keyPairs: ['harbour-ops'],
          kmsKeys: [{ id: '7c2f0d52-1b1b-4a53-9f0e-4a5b00000001', aliases: [KEY] }],
          vpcs: [
            {
              name: 'harbour',
              cidr: '10.30.0.0/16',
              subnets: [
                { name: 'front-a', cidr: '10.30.1.0/24', zone: 'a', publicIps: true },
                { name: 'inside-a', cidr: '10.30.2.0/24', zone: 'a' },
                { name: 'inside-b', cidr: '10.30.3.0/24', zone: 'b' },
              ],
            },
          ],
          securityGroups: [
            { name: 'front', description: 'Reached from outside', vpc: 'harbour' },
            { name: 'inside', description: 'Reached from inside', vpc: 'harbour' },
          ],
          placementGroups: [{ name: 'harbour-near', strategy: 'cluster' }],
          instances: [
            {
              id: 'i-0e0e000000000000a',
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 't3.large',
              subnet: 'front-a',
              privateIp: '10.30.1.20',
              keyName: 'harbour-ops',
              securityGroups: ['front', 'inside'],
              instanceProfile: 'harbour-server',
              userData: '#!/bin/sh\nsystemctl start bookings\n',
              cpuCredits: 'standard',
              metadata: { httpTokens: 'required', hopLimit: 2, instanceTags: 'enabled' },
              tags: { Name: 'bookings', Stage: 'production' },
              disks: [
                disk('/dev/xvda', 20, 'bookings root'),
                disk('/dev/sdf', 80, 'bookings data', { iops: 4_000, throughputMiBps: 250 }),
                disk('/dev/sdg', 125, 'bookings archive', { type: 'st1' }),
              ],
            },
            {
              id: 'i-0e0e000000000000b',
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-arm64',
              type: 'm7g.large',
              subnet: 'inside-b',
              keyName: 'harbour-ops',
              securityGroups: ['inside'],
              placementGroup: 'harbour-near',
              tags: { Name: 'ledger', Stage: 'production' },
              disks: [
                disk('/dev/xvda', 16, 'ledger root', underKey),
                disk('/dev/sdf', 100, 'ledger data', { type: 'io2', iops: 5_000, ...underKey }),
              ],
            },
            {
              id: 'i-0e0e000000000000c',
              image: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04',
              type: 'm5.large',
              interfaces: [
                { subnet: 'front-a', securityGroups: ['front'], privateIp: '10.30.1.30', secondaryIps: ['10.30.1.31'] },
                {
                  subnet: 'inside-a',
                  securityGroups: ['inside'],
                  privateIp: '10.30.2.30',
                  description: 'inside',
                  checked: false,
                },
              ],
              keyName: 'harbour-ops',
              hibernation: true,
              tags: { Name: 'gateway', Stage: 'production' },
              disks: [disk('/dev/sda1', 12, 'gateway root', { encrypted: true })],
            },
            {
              id: 'i-0e0e000000000000d',
              image: 'TPM-Windows_Server-2022',
              type: 'm5.xlarge',
              subnet: 'inside-a',
              keyName: 'harbour-ops',
              securityGroups: ['inside'],
              protected: true,
              userData: '<powershell>Start-Service Files</powershell>',
              tags: { Name: 'files', Stage: 'production' },
              disks: [
                disk('/dev/sda1', 60, 'files C', underKey),
                disk('xvdf', 200, 'files D', { deleteOnTermination: false, ...underKey }),
              ],
            },
            {
              id: 'i-0e0e000000000000e',
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 'm5d.large',
              subnet: 'inside-a',
              securityGroups: ['inside'],
              tags: { Name: 'render', Stage: 'production' },
              disks: [disk('/dev/xvda', 10, 'render root')],
            },
            {
              id: 'i-0e0e000000000000f',
              image: 'amzn-ami-hvm-2018',
              type: 'm3.medium',
              subnet: 'inside-a',
              securityGroups: ['inside'],
              tags: { Name: 'queue', Stage: 'production' },
              disks: [disk('/dev/sdf', 40, 'queue data')],
            },
            {
              id: 'i-0e0e0000000000010',
              image: 'amzn-ami-hvm-2018',
              type: 'm3.medium',
              subnet: 'inside-a',
              securityGroups: ['inside'],
              tags: { Name: 'cache', Stage: 'production' },
            },
            {
              id: 'i-0e0e0000000000011',
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 't2.small',
              zone: 'c',
              state: 'stopped',
              tags: { Name: 'reports', Stage: 'retired' },
              disks: [disk('/dev/xvda', 10, 'reports root', { type: 'gp2' })],
            },
          ],
          volumes: [
            { id: 'vol-0e0e00000000000aa', sizeGiB: 500, zone: 'a', type: 'sc1', tags: { Name: 'scans' }, ...underKey },
          ],
          databaseSubnetGroups: [{ name: 'harbour-databases', subnets: ['inside-a', 'inside-b'] }],
          databases: [
            {
              name: 'billing',
              engine: 'postgres',
              class: 'db.t4g.medium',
              sizeGiB: 50,
              zone: 'a',
              subnetGroup: 'harbour-databases',
              securityGroups: ['inside'],
              databaseName: 'billing',
              port: 5433,
              tags: { Name: 'billing', Stage: 'production' },
            },
            {
              name: 'crm',
              engine: 'mysql',
              class: 'db.m6g.large',
              sizeGiB: 100,
              storageType: 'io1',
              iops: 3_000,
              multiAz: true,
              subnetGroup: 'harbour-databases',
              securityGroups: ['inside'],
              backupRetentionDays: 7,
              deletionProtection: true,
              copyTagsToSnapshot: true,
              tags: { Name: 'crm', Stage: 'production' },
              ...underKey,
            },
          ],
          databaseClusters: [
            {
              name: 'shop',
              engine: 'aurora-postgresql',
              subnetGroup: 'harbour-databases',
              securityGroups: ['inside'],
              databaseName: 'shop',
              deletionProtection: true,
              tags: { Name: 'shop', Stage: 'production' },
              members: [
                { name: 'shop-writer', class: 'db.r6g.xlarge', tags: { Role: 'writer' } },
                { name: 'shop-reader', class: 'db.r6g.large', tags: { Role: 'reader' } },
              ],
              ...underKey,
            },
          ],
          redshiftClusters: [
            {
              name: 'warehouse',
              nodeType: 'ra3.xlplus',
              nodes: 2,
              databaseName: 'warehouse',
              port: 5440,
              tags: { Name: 'warehouse', Stage: 'production' },
              ...underKey,
            },
          ],
        },
      },
    },
  ],
};
