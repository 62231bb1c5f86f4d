import type { Estate, EstateDisk } from './format.ts';

const administrator = ['arn:aws:iam::aws:policy/AdministratorAccess'];

const disk = (device: string, sizeGiB: number, name: string, more: Partial<EstateDisk> = {}): EstateDisk => ({
  device,
  sizeGiB,
  tags: { Name: name },
  ...more,
});

/** The demo company: production in one account, a second account to recover in, three regions. */
export const acme: Estate = {
  name: 'acme',
  regions: ['us-east-1', 'eu-west-1', 'us-west-2'],
  optInRegions: ['eu-south-1'],
  accounts: [
    {
      id: '111122223333',
      alias: 'acme-production',
      accessKeys: [
        {
          accessKeyId: 'AKIAACMEPRODUCTION01',
          secretAccessKey: 'simulated-secret-of-acme-production-0001',
          user: 'cpm',
        },
        {
          accessKeyId: 'AKIAACMEREADONLY0001',
          secretAccessKey: 'simulated-secret-of-acme-read-only-00001',
          user: 'auditor',
        },
        {
          accessKeyId: 'AKIAACMERESTORER0001',
          secretAccessKey: 'simulated-secret-of-acme-restorer-000001',
          user: 'restorer',
        },
      ],
      users: [
        { name: 'cpm', attachedPolicies: administrator },
        { name: 'restorer', attachedPolicies: administrator },
        { name: 'auditor', attachedPolicies: ['arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess'] },
      ],
      roles: [
        {
          name: 'cpm-backup',
          attachedPolicies: administrator,
          trust: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: 'arn:aws:iam::444455556666:root' },
                Action: 'sts:AssumeRole',
                Condition: { StringEquals: { 'sts:ExternalId': 'acme-external-id' } },
              },
            ],
          },
        },
        {
          name: 'web-server',
          instanceProfile: true,
          policies: {
            metrics: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: 'cloudwatch:PutMetricData', Resource: '*' }],
            },
          },
          trust: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
        },
      ],
      regions: {
        'us-east-1': {
          keyPairs: ['acme-ops'],
          kmsKeys: [
            {
              id: '5a1e0d52-7c1b-4a53-9f0e-acce00000001',
              aliases: ['alias/acme-backup'],
              allowedAccounts: ['444455556666'],
            },
          ],
          vpcs: [
            {
              name: 'acme-main',
              cidr: '10.20.0.0/16',
              subnets: [
                { name: 'acme-main-a', cidr: '10.20.1.0/24', zone: 'a', publicIps: true },
                { name: 'acme-main-b', cidr: '10.20.2.0/24', zone: 'b' },
              ],
            },
          ],
          securityGroups: [
            { name: 'acme-web', description: 'Web servers', vpc: 'acme-main' },
            { name: 'acme-data', description: 'Databases', vpc: 'acme-main' },
          ],
          placementGroups: [{ name: 'acme-analytics', strategy: 'cluster' }],
          instances: [
            {
              id: 'i-0acce000000000001',
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 't3.medium',
              subnet: 'acme-main-a',
              privateIp: '10.20.1.10',
              keyName: 'acme-ops',
              securityGroups: ['acme-web'],
              instanceProfile: 'web-server',
              userData: '#!/bin/sh\nsystemctl start web\n',
              managed: true,
              tags: { Name: 'web-1', Stage: 'production', 'cpm backup': 'daily' },
              disks: [disk('/dev/xvda', 20, 'web-1 root'), disk('/dev/sdf', 50, 'web-1 data')],
            },
            {
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 't3.medium',
              subnet: 'acme-main-b',
              keyName: 'acme-ops',
              securityGroups: ['acme-web'],
              managed: true,
              tags: { Name: 'web-2', Stage: 'production', 'cpm backup': 'daily' },
              disks: [disk('/dev/xvda', 20, 'web-2 root'), disk('/dev/sdf', 50, 'web-2 data')],
            },
            {
              image: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04',
              type: 'm5.xlarge',
              subnet: 'acme-main-b',
              keyName: 'acme-ops',
              securityGroups: ['acme-data'],
              protected: true,
              managed: true,
              tags: { Name: 'orders-db', Stage: 'production', Role: 'database' },
              disks: [
                disk('/dev/sda1', 30, 'orders-db root', { encrypted: true, kmsKey: 'alias/acme-backup' }),
                disk('/dev/sdf', 200, 'orders-db data', {
                  type: 'io2',
                  iops: 6_000,
                  encrypted: true,
                  kmsKey: 'alias/acme-backup',
                }),
                disk('/dev/sdg', 100, 'orders-db log', { encrypted: true, kmsKey: 'alias/acme-backup' }),
              ],
            },
            {
              image: 'Windows_Server-2022',
              type: 'm5.large',
              subnet: 'acme-main-a',
              keyName: 'acme-ops',
              managed: true,
              tags: { Name: 'files-win', Stage: 'production' },
              disks: [disk('/dev/sda1', 60, 'files-win C'), disk('xvdf', 150, 'files-win D')],
            },
            {
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-arm64',
              type: 'm6g.large',
              subnet: 'acme-main-a',
              keyName: 'acme-ops',
              placementGroup: 'acme-analytics',
              tags: { Name: 'analytics-arm', Stage: 'production' },
              disks: [disk('/dev/xvda', 16, 'analytics-arm root')],
            },
            {
              image: 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64',
              type: 't2.small',
              zone: 'c',
              state: 'stopped',
              tags: { Name: 'old-reports', Stage: 'retired' },
              disks: [disk('/dev/xvda', 10, 'old-reports root', { type: 'gp2' })],
            },
          ],
          volumes: [
            { sizeGiB: 500, zone: 'a', type: 'st1', tags: { Name: 'archive' } },
            { sizeGiB: 40, zone: 'b', tags: { Name: 'shared-assets', 'cpm backup': 'daily' } },
          ],
          databaseSubnetGroups: [{ name: 'acme-databases', subnets: ['acme-main-a', 'acme-main-b'] }],
          databases: [
            {
              name: 'acme-billing',
              engine: 'postgres',
              class: 'db.t4g.medium',
              sizeGiB: 50,
              zone: 'a',
              subnetGroup: 'acme-databases',
              securityGroups: ['acme-data'],
              databaseName: 'billing',
              tags: { Name: 'billing', Stage: 'production', 'cpm backup': 'daily' },
            },
            {
              name: 'acme-crm',
              engine: 'mysql',
              class: 'db.m6g.large',
              sizeGiB: 100,
              storageType: 'io1',
              iops: 3_000,
              multiAz: true,
              subnetGroup: 'acme-databases',
              securityGroups: ['acme-data'],
              encrypted: true,
              kmsKey: 'alias/acme-backup',
              backupRetentionDays: 7,
              deletionProtection: true,
              copyTagsToSnapshot: true,
              tags: { Name: 'crm', Stage: 'production' },
            },
          ],
          databaseClusters: [
            {
              name: 'acme-shop',
              engine: 'aurora-postgresql',
              subnetGroup: 'acme-databases',
              securityGroups: ['acme-data'],
              encrypted: true,
              databaseName: 'shop',
              tags: { Name: 'shop', Stage: 'production' },
              members: [
                { name: 'acme-shop-1', class: 'db.r6g.large' },
                { name: 'acme-shop-2', class: 'db.r6g.large' },
              ],
            },
          ],
          redshiftClusters: [
            {
              name: 'acme-warehouse',
              nodeType: 'ra3.xlplus',
              nodes: 2,
              databaseName: 'warehouse',
              tags: { Name: 'warehouse', Stage: 'production' },
            },
          ],
        },
        'eu-west-1': {
          keyPairs: ['acme-eu'],
          encryptionByDefault: true,
          instances: [
            {
              image: 'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04',
              type: 't3.small',
              zone: 'a',
              keyName: 'acme-eu',
              tags: { Name: 'web-eu-1', Stage: 'production', 'cpm backup': 'daily' },
              disks: [disk('/dev/sda1', 12, 'web-eu-1 root')],
            },
          ],
          volumes: [{ sizeGiB: 25, zone: 'a', tags: { Name: 'eu-exports' } }],
        },
      },
    },
    {
      id: '444455556666',
      alias: 'acme-recovery',
      accessKeys: [
        {
          accessKeyId: 'AKIAACMERECOVERY0001',
          secretAccessKey: 'simulated-secret-of-acme-recovery-000001',
          user: 'cpm',
        },
        {
          accessKeyId: 'AKIAACMEVAULT0000001',
          secretAccessKey: 'simulated-secret-of-acme-vault-000000001',
          user: 'vault',
        },
      ],
      users: [
        { name: 'cpm', attachedPolicies: administrator },
        {
          name: 'vault',
          policies: {
            'copy-but-never-delete': {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Action: ['ec2:CopySnapshot', 'ec2:CreateTags', 'ec2:Describe*', 'kms:*'],
                  Resource: '*',
                },
                { Effect: 'Deny', Action: 'ec2:DeleteSnapshot', Resource: '*' },
              ],
            },
          },
        },
      ],
      regions: {
        'us-west-2': {
          keyPairs: ['acme-recovery'],
          kmsKeys: [{ id: '5a1e0d52-7c1b-4a53-9f0e-acce00000002', aliases: ['alias/acme-vault'] }],
        },
      },
    },
  ],
};
