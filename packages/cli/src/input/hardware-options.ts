import { readFileSync } from 'node:fs';
import type { InstanceRecoveryInput } from '@cpm/contract';
import { asField, flag, many, oneOf, parsed, text, wrongInput, yesOrNo } from '../command.ts';

/** What a recovered instance runs on and starts with; what is left out stays as it was backed up. */
export const hardwareOptions = {
  architecture: oneOf('--architecture <name>', 'As what it is registered; ARM stays ARM.', ['i386', 'x86_64', 'arm64']),
  zone: text('--zone <zone>', 'Into the default subnet of this zone; not with --subnet.'),
  placementGroup: text('--placement-group <name>', 'Another placement group.'),
  withoutPlacementGroup: flag('--without-placement-group', 'Into no placement group.'),
  tenancy: oneOf('--tenancy <kind>', 'On shared hardware, on its own, or on a dedicated host.', [
    'default',
    'dedicated',
    'host',
  ]),
  host: asField('hostId', text('--host <id>', 'The dedicated host, or any; with the tenancy host.')),
  kernel: asField('kernelId', text('--kernel <id>', 'Another kernel, of paravirtual instances.')),
  ramdisk: asField('ramdiskId', text('--ramdisk <id>', 'Another RAM disk, of paravirtual instances.')),
  ephemeral: many('--ephemeral <device=name>', 'Instance store of older types: /dev/sdb=ephemeral0; several times.'),
  imdsV2: asField('requiresImdsV2', yesOrNo('--imds-v2 <yes|no>', 'Whether its metadata wants a session token.')),
  userData: asField('userDataBase64', parsed('--user-data <file>', 'A file with other user data.', readUserData)),
};

type HardwareValues = {
  readonly [Key in keyof typeof hardwareOptions]: ReturnType<(typeof hardwareOptions)[Key]['read']>;
};

/** The options in the words of the API; throws `invalid_request` where they contradict each other. */
export function hardwareFields(
  options: HardwareValues & { readonly withoutUserData: boolean },
): Omit<InstanceRecoveryInput, 'resourceId'> {
  const { placementGroup, withoutPlacementGroup, host, ephemeral, userData } = options;
  if (withoutPlacementGroup && placementGroup !== undefined)
    throw wrongInput('--placement-group', 'it contradicts --without-placement-group');
  if (options.withoutUserData && userData !== undefined)
    throw wrongInput('--user-data', 'it contradicts --without-user-data');
  return {
    architecture: options.architecture,
    zone: options.zone,
    placementGroup: withoutPlacementGroup ? null : placementGroup,
    tenancy: options.tenancy,
    hostId: host === 'any' ? null : host,
    kernelId: options.kernel,
    ramdiskId: options.ramdisk,
    ephemeral: ephemeral.length === 0 ? undefined : ephemeral.map(readMapping),
    requiresImdsV2: options.imdsV2,
    userDataBase64: options.withoutUserData ? null : userData,
  };
}

function readMapping(raw: string): { deviceName: string; virtualName: string } {
  const [, deviceName, virtualName] = /^([^=]+)=([^=]+)$/.exec(raw) ?? [];
  if (deviceName === undefined || virtualName === undefined)
    throw wrongInput('--ephemeral', `"${raw}" is not of the form /dev/sdb=ephemeral0`);
  return { deviceName, virtualName };
}

function readUserData(path: string): string {
  try {
    return readFileSync(path).toString('base64');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw wrongInput('--user-data', `${path} cannot be read (${why})`);
  }
}
