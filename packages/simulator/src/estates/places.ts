import { emptyRegion, type Region } from '../state/world.ts';

/** Regions every account has. */
export const usualRegions = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ca-central-1',
  'sa-east-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-central-1',
  'eu-north-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
] as const;

/** Regions an account has to switch on. */
export const usualOptInRegions = ['af-south-1', 'ap-east-1', 'eu-south-1', 'me-south-1'] as const;

const directions: Readonly<Record<string, string>> = {
  east: 'e',
  west: 'w',
  central: 'c',
  north: 'n',
  south: 's',
  southeast: 'se',
  northeast: 'ne',
  northwest: 'nw',
  southwest: 'sw',
};

const isRegionName = (name: string): boolean => /^[a-z]{2}-[a-z]+-\d$/.test(name);

/** A region with three zones, a, b and c. Throws for a name no region could have. */
export const makeRegion = (name: string, optIn: boolean): Region => {
  if (!isRegionName(name)) throw new RangeError(`'${name}' is no region name`);
  const [country = '', direction = '', number = ''] = name.split('-');
  const short = `${country}${directions[direction] ?? direction.slice(0, 2)}${number}`;
  const zones = ['a', 'b', 'c'].map((letter, at) => ({ name: `${name}${letter}`, id: `${short}-az${at + 1}` }));
  return emptyRegion(name, optIn, zones);
};
