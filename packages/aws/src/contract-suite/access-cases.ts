import { expect } from 'vitest';
import type { AwsCredentials } from '../port/access.ts';
import type { CreateVolumeInput } from '../port/ec2-volumes.ts';
import { refusalOf, type Case, type Stage } from './stage.ts';

const accessOf = (accountKey: string, keys: AwsCredentials) => ({ accountKey, credentials: async () => keys });

function portsOf({ gateway, backEnd }: Stage, who: 'owner' | 'watcher') {
  const access = accessOf(who, backEnd[who]);
  return {
    ec2: gateway.ec2(access, backEnd.region),
    iam: gateway.iam(access, backEnd.region),
    kms: gateway.kms(access, backEnd.region),
    quotas: gateway.serviceQuotas(access, backEnd.region),
  };
}

const anyVolume = ({ estate }: Stage): CreateVolumeInput => ({
  clientToken: 'never-used',
  zone: estate.zone,
  awsSnapshotId: null,
  sizeGiB: 1,
  type: 'gp3',
  iops: null,
  throughputMiBs: null,
  encrypted: null,
  kmsKeyId: null,
  tags: { suite: 'dry-run' },
});

/** What is asked before anything is made: permissions, keys, quotas. */
export const accessCases: readonly Case[] = [
  {
    title: 'a dry run of what is allowed says so and makes nothing',
    run: async (stage) => {
      const { ec2 } = portsOf(stage, 'owner');
      const before = await ec2.listVolumes();
      expect(await ec2.dryRun({ method: 'createVolume', input: anyVolume(stage) })).toEqual({ answer: 'allowed' });
      expect(await ec2.listVolumes()).toHaveLength(before.length);
    },
  },
  {
    title: 'a dry run of what is denied names the permission that is missing',
    run: async (stage) => {
      const { ec2 } = portsOf(stage, 'watcher');
      const denied = { answer: 'denied', missingPermission: 'ec2:CreateVolume' };
      expect(await ec2.dryRun({ method: 'createVolume', input: anyVolume(stage) })).toEqual(denied);
      const stop = { method: 'stopInstances', instanceIds: [stage.estate.instanceId] } as const;
      expect(await ec2.dryRun(stop)).toEqual({ answer: 'denied', missingPermission: 'ec2:StopInstances' });
    },
  },
  {
    title: 'the simulation of policies tells action by action what is allowed',
    run: async (stage) => {
      const principalArn = `arn:aws:iam::${stage.backEnd.accountId}:user/watcher`;
      const actions = ['ec2:DescribeVolumes', 'ec2:RunInstances'];
      const told = await portsOf(stage, 'owner').iam.simulate({ principalArn, actions, resourceArns: ['*'] });
      expect(told.map(({ action, decision }) => [action, decision])).toEqual([
        ['ec2:DescribeVolumes', 'allowed'],
        ['ec2:RunInstances', 'implicitDeny'],
      ]);
    },
  },
  {
    title: 'whoever may not simulate is denied with the name of that permission',
    run: async (stage) => {
      const principalArn = `arn:aws:iam::${stage.backEnd.accountId}:user/watcher`;
      const asked = portsOf(stage, 'watcher').iam.simulate({ principalArn, actions: ['ec2:x'], resourceArns: ['*'] });
      expect(await refusalOf(asked)).toMatchObject({
        code: 'aws_denied',
        missingPermission: 'iam:SimulatePrincipalPolicy',
      });
    },
  },
  {
    title: 'a role and an instance profile that IAM does not know are absent, not an error',
    run: async (stage) => {
      const { iam } = portsOf(stage, 'owner');
      expect(await iam.findRoleArn('made-up')).toBeNull();
      expect(await iam.findProfileRoles('made-up')).toBeNull();
    },
  },
  {
    title: 'a key that KMS does not know is absent, not an error',
    run: async (stage) => {
      const { kms } = portsOf(stage, 'owner');
      expect(await kms.describeKey('0a0a0a0a-0000-4000-8000-0a0a0a0a0a0a')).toBeNull();
      expect(await kms.describeKey('alias/made-up')).toBeNull();
    },
  },
  {
    title: 'whoever may not see a key is denied with the name of that permission',
    run: async (stage) => {
      const asked = portsOf(stage, 'watcher').kms.describeKey('alias/aws/ebs');
      expect(await refusalOf(asked)).toMatchObject({ code: 'aws_denied', missingPermission: 'kms:DescribeKey' });
    },
  },
  {
    title: 'the key that AWS manages for volumes is described',
    run: async (stage) => {
      const key = await portsOf(stage, 'owner').kms.describeKey('alias/aws/ebs');
      expect(key).toMatchObject({ state: 'Enabled', manager: 'AWS', accountId: stage.backEnd.accountId });
    },
  },
  {
    title: 'a quota is told with its name, and one that AWS does not know is absent',
    run: async (stage) => {
      const { quotas } = portsOf(stage, 'owner');
      const quota = await quotas.readQuota('ec2', 'L-1216C47A');
      expect(quota?.value).toBeGreaterThan(0);
      expect(quota?.name).toMatch(/Standard/);
      expect(await quotas.readQuota('ec2', 'L-00000000')).toBeNull();
    },
  },
  {
    title: 'the vCPUs of instance types are told, and a type that is made up is absent',
    run: async (stage) => {
      const { ec2 } = portsOf(stage, 'owner');
      expect(await ec2.describeVcpus(['m5.large', 'm5.xlarge', 'm5.made-up'])).toEqual(
        new Map([
          ['m5.large', 2],
          ['m5.xlarge', 4],
        ]),
      );
    },
  },
];
