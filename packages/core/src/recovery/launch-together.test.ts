import { expect, it } from 'vitest';
import type { LaunchAmongOthers } from './launch-together.ts';
import { checkTogether } from './launch-together.ts';

const subnet = (subnetId: string, freeAddresses: number) => ({
  subnetId,
  vpcId: 'vpc-00000001',
  zone: 'eu-central-1a',
  cidrBlock: '10.0.1.0/24',
  freeAddresses,
  isDefaultForZone: false,
});
const offer = { subnets: [subnet('subnet-00000001', 3), subnet('subnet-00000002', 3)] };
const launch = (subnetId: string, count = 1, privateIp: string | null = null): LaunchAmongOthers => ({
  count,
  network: {
    subnetId,
    privateIp,
    securityGroupIds: [],
    associatePublicIp: null,
    description: null,
    secondaryPrivateIps: [],
    furtherInterfaces: [],
    forwardingInterfaces: [],
  },
});

it('launches that fit together have nothing against them', () => {
  const launches = [launch('subnet-00000001', 2), launch('subnet-00000001'), launch('subnet-00000002', 3), null];
  expect(checkTogether(launches, offer)).toEqual([]);
});

it('one address goes to one instance; the later one is told who has it', () => {
  const launches = [
    launch('subnet-00000001', 1, '10.0.1.9'),
    launch('subnet-00000002', 1, '10.0.1.9'),
    launch('subnet-00000001', 1, '10.0.1.9'),
  ];
  expect(checkTogether(launches, offer)).toEqual([
    { path: 'instances.2.privateIp', message: expect.stringContaining('instances.0 takes 10.0.1.9 too') },
  ]);
});

it('further interfaces and secondary addresses count as well', () => {
  const further = (privateIp: string | null, secondaryPrivateIps: readonly string[] = []): LaunchAmongOthers => {
    const { network, count = 1 } = launch('subnet-00000001') ?? {};
    if (network === undefined) throw new Error('there is no launch');
    const own = { deviceIndex: 1, subnetId: 'subnet-00000002', securityGroupIds: [], description: null };
    return { count, network: { ...network, furtherInterfaces: [{ ...own, privateIp, secondaryPrivateIps }] } };
  };
  expect(checkTogether([further('10.0.2.9', ['10.0.2.10']), further('10.0.2.10')], offer)).toEqual([
    { path: 'instances.1.privateIp', message: expect.stringContaining('instances.0 takes 10.0.2.10 too') },
  ]);
  const message = 'subnet-00000002 has 3 free addresses, and 4 are needed together';
  expect(checkTogether([further(null, []), launch('subnet-00000002', 3)], offer)).toEqual([
    { path: 'instances.0.subnetId', message },
    { path: 'instances.1.subnetId', message },
  ]);
});

it('a subnet must have room for all of them, and each of those is told', () => {
  const launches = [launch('subnet-00000001', 2), launch('subnet-00000002'), launch('subnet-00000001', 2)];
  const message = 'subnet-00000001 has 3 free addresses, and 4 are needed together';
  expect(checkTogether(launches, offer)).toEqual([
    { path: 'instances.0.subnetId', message },
    { path: 'instances.2.subnetId', message },
  ]);
});

it('one that is too many by itself is told of that elsewhere', () => {
  expect(checkTogether([launch('subnet-00000001', 9)], offer)).toEqual([]);
});
