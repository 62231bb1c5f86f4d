import { expect } from 'vitest';
import type { AwsCredentials } from '../port/access.ts';
import type { Ec2Port } from '../port/ec2.ts';
import { refusalOf, uniqueTag, type Case, type Stage } from './stage.ts';

const as = ({ gateway }: Stage, accountKey: string, keys: AwsCredentials) => ({
  accountKey,
  credentials: async () => keys,
  gateway,
});

function portsOf(
  stage: Stage,
  accountKey: string,
  keys: AwsCredentials,
): { ec2: Ec2Port; identify: () => Promise<unknown> } {
  const access = as(stage, accountKey, keys);
  const { region } = stage.backEnd;
  return { ec2: stage.gateway.ec2(access, region), identify: stage.gateway.sts(access, region).callerIdentity };
}

export const identityCases: readonly Case[] = [
  {
    title: 'callerIdentity names the account behind the keys',
    run: async (stage) => {
      const access = as(stage, 'owner', stage.backEnd.owner);
      const identity = await stage.gateway.sts(access, stage.backEnd.region).callerIdentity();
      expect(identity.accountId).toBe(stage.backEnd.accountId);
      expect(identity.arn).toMatch(/^arn:aws:(?:iam|sts)::\d{12}:/);
    },
  },
  {
    title: 'a wrong secret key is refused, never answered with an empty list',
    run: async (stage) => {
      const { ec2, identify } = portsOf(stage, 'wrong', { ...stage.backEnd.owner, secretAccessKey: 'x'.repeat(40) });
      for (const refusal of [await refusalOf(ec2.listInstances()), await refusalOf(identify())]) {
        expect(refusal).toMatchObject({ code: 'aws_credentials_refused', class: 'denied', outcomeUnknown: false });
      }
    },
  },
  {
    title: 'an unknown access key is refused',
    run: async (stage) => {
      const keys = { accessKeyId: 'AKIAIOSFODNN7NOTHERE', secretAccessKey: 'x'.repeat(40) };
      const { ec2, identify } = portsOf(stage, 'unknown', keys);
      for (const refusal of [await refusalOf(ec2.listVolumes()), await refusalOf(identify())]) {
        expect(refusal).toMatchObject({ code: 'aws_credentials_refused' });
        expect(refusal).toHaveProperty('aws.requestId', expect.stringMatching(/.+/));
      }
    },
  },
  {
    title: 'a denied action is refused with the name of the permission, and nothing is made',
    run: async (stage) => {
      const { ec2 } = portsOf(stage, 'watcher', stage.backEnd.watcher);
      const tag = uniqueTag();
      expect((await ec2.listInstances()).length).toBeGreaterThan(0);
      const { instanceId } = stage.estate;
      const input = {
        instanceId,
        excludeRoot: false,
        excludeVolumeIds: [],
        description: 'denied',
        copySourceTags: false,
      };
      const refusal = await refusalOf(ec2.createSnapshots({ ...input, tags: { [tag.key]: tag.value } }));
      expect(refusal).toMatchObject({
        code: 'aws_denied',
        missingPermission: 'ec2:CreateSnapshots',
        outcomeUnknown: false,
        aws: { action: 'ec2:CreateSnapshots', region: stage.backEnd.region },
      });
      expect(await stage.ec2.findSnapshotsByTag(tag.key, [tag.value])).toEqual([]);
    },
  },
  {
    title: 'the enabled regions are listed, sorted, the working one among them',
    run: async ({ ec2, backEnd }) => {
      const regions = await ec2.describeRegions();
      expect(regions).toEqual(expect.arrayContaining([backEnd.region, backEnd.otherRegion]));
      expect(regions).toEqual([...regions].toSorted());
    },
  },
  {
    title: 'zones, subnets, security groups, key pairs and the zones of an instance type can be chosen from',
    run: async ({ ec2, estate }) => {
      const zones = await ec2.describeZones();
      expect(zones.map(({ name }) => name)).toContain(estate.zone);
      const subnet = (await ec2.describeSubnets()).find(({ subnetId }) => subnetId === estate.subnetId);
      expect(subnet).toMatchObject({ zone: estate.zone, cidr: expect.stringMatching(/\/\d+$/) });
      const groups = await ec2.describeSecurityGroups();
      expect(groups.some(({ name, vpcId }) => name === 'default' && vpcId === subnet?.vpcId)).toBe(true);
      expect(await ec2.describeInstanceTypeZones('m5.large')).toContain(estate.zone);
      expect(await ec2.describeInstanceTypeZones('m5.made-up')).toEqual([]);
      expect(Array.isArray(await ec2.describeKeyPairs())).toBe(true);
    },
  },
  {
    title: 'the private addresses of a subnet are told, whatever holds them',
    run: async ({ ec2, estate }) => {
      const instance = (await ec2.listInstances()).find(({ instanceId }) => instanceId === estate.instanceId);
      expect(await ec2.describePrivateAddresses([instance?.subnetId ?? ''])).toContain(instance?.privateIp);
      expect(await ec2.describePrivateAddresses(['subnet-0bad0bad0bad0bad0'])).toEqual([]);
    },
  },
  {
    title: 'an instance type tells what it takes to start on it, and an unknown one is absent',
    run: async ({ ec2 }) => {
      expect(await ec2.describeInstanceType('m5.large')).toMatchObject({
        architectures: ['x86_64'],
        virtualizationTypes: ['hvm'],
        ena: 'required',
        placementStrategies: expect.arrayContaining(['cluster']),
        dedicatedHosts: true,
        mostInterfaces: expect.any(Number),
        burstable: false,
        defaultCpu: { coreCount: 1, threadsPerCore: 2 },
        instanceStore: false,
      });
      expect(await ec2.describeInstanceType('m6g.large')).toMatchObject({ architectures: ['arm64'] });
      expect(await ec2.describeInstanceType('t3.micro')).toMatchObject({ burstable: true });
      expect(await ec2.describeInstanceType('m5.made-up')).toBeNull();
    },
  },
  {
    title: 'placement groups and dedicated hosts are listed, also where there are none',
    run: async ({ ec2 }) => {
      expect(Array.isArray(await ec2.describePlacementGroups()), 'a list of groups').toBe(true);
      expect(await ec2.describeHosts()).toEqual([]);
    },
  },
];
