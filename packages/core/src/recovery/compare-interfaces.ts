import {
  compareFields,
  inWords,
  type AskedInputs,
  type ComparedField,
  type FieldSpec,
} from './compare-configurations.ts';
import type { ConfiguredInterface } from './instance-configuration.ts';

/** Inputs that put an instance somewhere else, and its interfaces with it. */
export const PLACE_INPUTS = ['subnetId', 'zone', 'place'];
const ADDRESS_INPUTS = [...PLACE_INPUTS, 'privateIp', 'count'];

const OF_ANY: readonly FieldSpec<ConfiguredInterface>[] = [
  {
    field: 'secondary addresses',
    of: ({ secondaryPrivateIps }) => inWords(secondaryPrivateIps),
    follows: ADDRESS_INPUTS,
  },
  { field: 'IPv6 addresses', of: ({ ipv6Addresses }) => inWords(ipv6Addresses), follows: PLACE_INPUTS },
  { field: 'source/destination check', of: ({ isSourceDestChecked }) => inWords(isSourceDestChecked) },
  { field: 'description', of: ({ description }) => inWords(description) },
];

const OF_FURTHER: readonly FieldSpec<ConfiguredInterface>[] = [
  { field: 'subnet', of: ({ subnetId }) => inWords(subnetId), follows: PLACE_INPUTS },
  { field: 'security groups', of: ({ groupIds }) => inWords(groupIds) },
  { field: 'private address', of: ({ privateIp }) => inWords(privateIp), follows: ADDRESS_INPUTS },
  ...OF_ANY,
];

/** The network interfaces of an instance and of what was made of it; subnet, groups and address of the first are the instance's own. */
export function compareInterfaces(
  original: readonly ConfiguredInterface[],
  recovered: readonly ConfiguredInterface[],
  inputs: AskedInputs,
): ComparedField[] {
  return original.flatMap((before) => {
    const now = recovered.find(({ deviceIndex }) => deviceIndex === before.deviceIndex);
    const name = `network interface ${before.deviceIndex}`;
    if (now === undefined) return [missing(name, before, inputs)];
    const specs = before.deviceIndex === 0 ? OF_ANY : OF_FURTHER;
    return compareFields(specs, { original: before, recovered: now }, inputs).map((compared) => ({
      ...compared,
      field: `${name}: ${compared.field}`,
    }));
  });
}

/** An instance that was asked for elsewhere, or with a public address, has no room for it. */
function missing(field: string, { privateIp, subnetId }: ConfiguredInterface, inputs: AskedInputs): ComparedField {
  const isAsked = PLACE_INPUTS.some((name) => inputs[name] !== undefined) || inputs['associatePublicIp'] === true;
  const original = `${inWords(privateIp)} in ${inWords(subnetId)}`;
  return { field, original, recovered: inWords(null), verdict: isAsked ? 'as-asked' : 'different' };
}
