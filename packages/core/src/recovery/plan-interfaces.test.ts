import { describe, expect, it } from 'vitest';
import type { ConfiguredInterface, InstanceConfiguration } from './instance-configuration.ts';
import type { InstanceRecoveryChoice, LaunchOffer } from './instance-recovery.ts';
import { MODERN, planned } from './request-builder.ts';

const nic = (deviceIndex: number, parts: Partial<ConfiguredInterface> = {}): ConfiguredInterface => ({
  interfaceId: `eni-0000000${deviceIndex}`,
  deviceIndex,
  subnetId: 'subnet-00000001',
  vpcId: 'vpc-00000001',
  privateIp: `10.0.1.2${deviceIndex}`,
  secondaryPrivateIps: [],
  ipv6Addresses: [],
  publicIp: null,
  groupIds: ['sg-00000001'],
  description: null,
  deleteOnTermination: true,
  isSourceDestChecked: true,
  ...parts,
});

/** What comes back of the network of an instance with these interfaces. */
function networkOf(
  networkInterfaces: readonly ConfiguredInterface[],
  choice: InstanceRecoveryChoice = {},
  offer: Partial<LaunchOffer> = {},
) {
  const configuration: Partial<InstanceConfiguration> = { networkInterfaces };
  const { plan, warnings } = planned(choice, { configuration, offer });
  const network = plan.launch?.network;
  const description = network?.description;
  return {
    description,
    forwarding: network?.forwardingInterfaces ?? [],
    further: network?.furtherInterfaces ?? [],
    secondary: network?.secondaryPrivateIps ?? [],
    warnings,
  };
}

describe('the network interfaces of an instance', () => {
  it('come back with subnets, groups, addresses and descriptions, whatever order they were told in', () => {
    const back = nic(1, { description: 'back', secondaryPrivateIps: ['10.0.1.51'] });
    const front = nic(0, { description: 'front', secondaryPrivateIps: ['10.0.1.50'] });
    const { description, further, secondary, warnings } = networkOf([back, front]);
    expect(further).toEqual([
      {
        deviceIndex: 1,
        subnetId: 'subnet-00000001',
        securityGroupIds: ['sg-00000001'],
        privateIp: '10.0.1.21',
        secondaryPrivateIps: ['10.0.1.51'],
        description: 'back',
      },
    ]);
    expect([description, secondary, warnings]).toEqual(['front', ['10.0.1.50'], []]);
  });

  it.each([
    ['all of them', [0, 1], {}, [0, 1]],
    ['the first', [0], {}, [0]],
    ['one beside it', [1], {}, [1]],
    ['one that is not made again', [1], { associatePublicIp: true }, []],
  ])('forward again where they did: %s', (_, unchecked, choice, expected) => {
    const recorded = [1, 0].map((index) => nic(index, { isSourceDestChecked: !unchecked.includes(index) }));
    expect(networkOf(recorded, choice).forwarding).toEqual(expected);
  });

  it('get other addresses where theirs are in use, and say so', () => {
    const offer = { takenPrivateIps: ['10.0.1.20', '10.0.1.21', '10.0.1.51'] };
    const back = nic(1, { secondaryPrivateIps: ['10.0.1.51'] });
    const { further, secondary, warnings } = networkOf(
      [nic(0, { secondaryPrivateIps: ['10.0.1.50'] }), back],
      {},
      offer,
    );
    expect([further[0]?.privateIp, further[0]?.secondaryPrivateIps, secondary]).toEqual([null, [], []]);
    expect(warnings).toEqual([
      'the address 10.0.1.20 is in use; the new instance gets another one',
      'the address 10.0.1.21 is in use; network interface 1 gets another one',
      'the secondary addresses 10.0.1.51 are not assigned again',
      'the secondary addresses 10.0.1.50 are not assigned again',
    ]);
  });

  it.each<[string, InstanceRecoveryChoice]>([
    ['were left to AWS', { privateIp: null }],
    ['are those of several instances', { count: 2 }],
  ])('have any addresses where these %s', (_, choice) => {
    const { further } = networkOf([nic(0), nic(1)], choice);
    expect(further).toMatchObject([{ deviceIndex: 1, privateIp: null }]);
  });

  it('keep their own where another was asked for the first', () => {
    expect(networkOf([nic(0), nic(1)], { privateIp: '10.0.1.99' }).further).toMatchObject([{ privateIp: '10.0.1.21' }]);
  });

  it('lose IPv6 addresses, which is told', () => {
    expect(networkOf([nic(0, { ipv6Addresses: ['2001:db8::1'] })]).warnings).toEqual([
      'the IPv6 addresses 2001:db8::1 are not assigned again',
    ]);
  });

  it.each<[string, Partial<ConfiguredInterface>, InstanceRecoveryChoice, Partial<LaunchOffer>, string]>([
    ['for a public address', {}, { associatePublicIp: true }, {}, 'a public address goes with a single interface'],
    [
      'without its subnet',
      { subnetId: 'subnet-0000000f' },
      {},
      {},
      'there is no subnet subnet-0000000f in this region',
    ],
    ['in another zone', { subnetId: 'subnet-00000002' }, {}, {}, 'subnet-00000002 is not in eu-central-1a'],
    ['in another network', { subnetId: 'subnet-00000003' }, {}, {}, 'subnet-00000003 is not in vpc-00000001'],
    [
      'without its group',
      { groupIds: ['sg-0000000f'] },
      {},
      {},
      'there is no security group sg-0000000f in this region',
    ],
    ['at a device index twice', { deviceIndex: 0 }, {}, {}, 'another one has its device index'],
    [
      'on a type that takes one',
      {},
      {},
      { instanceType: { ...MODERN, mostInterfaces: 1 } },
      'm7i.large takes no more than 1',
    ],
  ])('are not made again %s, with the reason', (_, parts, choice, offer, reason) => {
    const { further, warnings } = networkOf([nic(0), nic(1, parts)], choice, offer);
    expect(further).toEqual([]);
    expect(warnings).toEqual([`the network interface eni-00000001 (10.0.1.21) is not made again: ${reason}`]);
  });

  it('are not made again in a full subnet', () => {
    const { further, warnings } = networkOf([nic(0), nic(1, { subnetId: 'subnet-00000002' })], {
      subnetId: 'subnet-00000002',
    });
    expect([further, warnings.at(-1)]).toEqual([[], expect.stringContaining('subnet-00000002 has 1 free addresses')]);
  });
});
