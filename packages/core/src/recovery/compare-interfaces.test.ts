import { expect, test } from 'vitest';
import { compareInterfaces } from './compare-interfaces.ts';
import type { ConfiguredInterface } from './instance-configuration.ts';

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
const ORIGINAL = [nic(0, { secondaryPrivateIps: ['10.0.1.30'] }), nic(1)];

const verdicts = (recovered: readonly ConfiguredInterface[], inputs: Record<string, unknown> = {}) =>
  compareInterfaces(ORIGINAL, recovered, inputs)
    .filter(({ verdict }) => verdict !== 'same')
    .map(({ field, verdict }) => `${field}: ${verdict}`);

test('interfaces that are alike are the same, whatever their ids', () => {
  expect(verdicts(ORIGINAL.map((each) => ({ ...each, interfaceId: 'eni-0000000f' })))).toEqual([]);
});

test.each([
  ['one is missing', [ORIGINAL[0]], {}, ['network interface 1: different']],
  ['one is missing elsewhere', [ORIGINAL[0]], { subnetId: 'subnet-00000009' }, ['network interface 1: as-asked']],
  [
    'one is missing for a public address',
    [ORIGINAL[0]],
    { associatePublicIp: true },
    ['network interface 1: as-asked'],
  ],
  ['a secondary address is', [nic(0), nic(1)], {}, ['network interface 0: secondary addresses: different']],
  [
    'one has another address and other groups',
    [ORIGINAL[0], nic(1, { privateIp: '10.0.1.99', groupIds: [] })],
    {},
    ['network interface 1: security groups: different', 'network interface 1: private address: different'],
  ],
  [
    'addresses were left to AWS',
    [nic(0), nic(1, { privateIp: '10.0.1.99' })],
    { privateIp: null },
    ['network interface 0: secondary addresses: as-asked', 'network interface 1: private address: as-asked'],
  ],
  [
    'a router checks again',
    [nic(0, { secondaryPrivateIps: ['10.0.1.30'], isSourceDestChecked: false }), nic(1)],
    {},
    ['network interface 0: source/destination check: different'],
  ],
])('where %s, that is told', (_, recovered, inputs, expected) => {
  expect(verdicts(recovered as ConfiguredInterface[], inputs)).toEqual(expected);
});
