import { describe, expect, it } from 'vitest';
import { isEc2Id, isRegionName, isZoneOfRegion } from './aws-names.ts';
import { isUuid, parsePolicyId, parseUserId } from './ids.ts';

const ID = '0192f3a4-5b6c-7d8e-9f01-23456789abcd';

describe("CPM's own ids", () => {
  it('are UUIDs in lower case', () => {
    expect(parseUserId(ID)).toBe(ID);
    expect(isUuid(ID)).toBe(true);
  });

  it.each(['', ' ', ID.toUpperCase(), `${ID} `, `${ID}\n`, ID.slice(1), '../../etc/passwd', "' or 1=1 --", `{${ID}}`])(
    'refuse %j',
    (text) => {
      expect(() => parsePolicyId(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    },
  );
});

describe("AWS's names", () => {
  it.each([
    ['i', 'i-0123456789abcdef0', true],
    ['i', 'i-01234567', true],
    ['vol', 'vol-0123456789abcdef0', true],
    ['snap', 'snap-0123456789abcdef0', true],
    ['i', 'vol-0123456789abcdef0', false],
    ['i', 'i-0123456789ABCDEF0', false],
    ['i', 'i-0123456789abcdef01', false],
    ['i', 'i-012345678', false],
    ['i', 'i-0123456789abcdef0\n', false],
    ['i', 'i-*', false],
    ['vol', '', false],
  ] as const)('of the kind %s: %j is well formed: %s', (prefix, text, expected) => {
    expect(isEc2Id(prefix, text)).toBe(expected);
  });

  it.each([
    ['eu-central-1', true],
    ['us-gov-west-1', true],
    ['ap-southeast-5', true],
    ['mx-central-1', true],
    ['us-iso-east-1', true],
    ['eu-central-1a', false],
    ['eu central 1', false],
    ['../eu-central-1', false],
    ['metadata.internal#', false],
    ['EU-CENTRAL-1', false],
    ['', false],
  ])('%j has the form of a region: %s', (name, expected) => {
    expect(isRegionName(name)).toBe(expected);
  });

  it.each([
    ['eu-central-1a', true],
    ['eu-central-1-ber-1a', true],
    ['eu-west-1a', false],
    ['eu-central-1', false],
    ['eu-central-1a;', false],
  ])('%j is a zone of eu-central-1: %s', (zone, expected) => {
    expect(isZoneOfRegion(zone, 'eu-central-1')).toBe(expected);
  });
});
