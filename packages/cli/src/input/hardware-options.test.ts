import { describe, expect, it } from 'vitest';
import { hardwareFields, hardwareOptions } from './hardware-options.ts';

const wrong = expect.objectContaining({ code: 'invalid_request', exitCode: 2 }) as Error;

type Typed = Readonly<Record<string, unknown>>;
function fieldsOf(typed: Typed) {
  const values = Object.entries(hardwareOptions).map(([key, spec]) => [key, spec.read(typed[key])]);
  const options = { withoutUserData: typed['withoutUserData'] === true, ...Object.fromEntries(values) };
  return hardwareFields(options as Parameters<typeof hardwareFields>[0]);
}

describe('what an instance runs on', () => {
  it('stays as it was where nothing is said', () => {
    expect(Object.values(fieldsOf({})).every((value) => value === undefined)).toBe(true);
  });

  it.each<[Typed, object]>([
    [{ architecture: 'i386' }, { architecture: 'i386' }],
    [{ zone: 'eu-central-1a' }, { zone: 'eu-central-1a' }],
    [{ placementGroup: 'near' }, { placementGroup: 'near' }],
    [{ withoutPlacementGroup: true }, { placementGroup: null }],
    [
      { tenancy: 'host', host: 'h-00000001' },
      { tenancy: 'host', hostId: 'h-00000001' },
    ],
    [{ host: 'any' }, { hostId: null }],
    [
      { kernel: 'aki-00000001', ramdisk: 'ari-00000001' },
      { kernelId: 'aki-00000001', ramdiskId: 'ari-00000001' },
    ],
    [
      { ephemeral: ['/dev/sdb=ephemeral0', 'xvdc=ephemeral1'] },
      {
        ephemeral: [
          { deviceName: '/dev/sdb', virtualName: 'ephemeral0' },
          { deviceName: 'xvdc', virtualName: 'ephemeral1' },
        ],
      },
    ],
    [{ imdsV2: 'yes' }, { requiresImdsV2: true }],
    [{ imdsV2: 'no' }, { requiresImdsV2: false }],
    [{ withoutUserData: true }, { userDataBase64: null }],
  ])('%o is %o', (typed, fields) => {
    expect(fieldsOf(typed)).toMatchObject(fields);
  });

  it('its user data comes out of a file', () => {
    const { userDataBase64 } = fieldsOf({ userData: import.meta.filename });
    expect(Buffer.from(userDataBase64 ?? '', 'base64').toString()).toContain('its user data comes out of a file');
  });

  it.each<[string, Typed]>([
    ['a group and none', { placementGroup: 'near', withoutPlacementGroup: true }],
    ['user data and none', { userData: import.meta.filename, withoutUserData: true }],
    ['a mapping without a name', { ephemeral: ['/dev/sdb'] }],
    ['a mapping with two names', { ephemeral: ['/dev/sdb=ephemeral0=ephemeral1'] }],
    ['a file that is not there', { userData: `${import.meta.filename}.gone` }],
  ])('%s are refused', (_, typed) => {
    expect(() => fieldsOf(typed)).toThrowError(wrong);
  });
});
