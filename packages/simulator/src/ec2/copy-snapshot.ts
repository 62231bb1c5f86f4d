import { existsAt, snapshotState } from '../state/lifecycle.ts';
import type { Snapshot } from '../state/records.ts';
import type { Region } from '../state/world.ts';
import { newThing, type Call, type Reply } from '../wire/call.ts';
import { awsError, invalidValue } from '../wire/errors.ts';
import { chooseEncryption, isSealed } from './encryption.ts';
import { checkForm, isAccessible, kinds, notFound } from './kinds.ts';
import { keepSnapshot } from './make-snapshot.ts';
import { checkCopyLimits } from './snapshot-limits.ts';
import { requestedTags } from './tag-rules.ts';

/** What AWS reports when a copy could not use a key; it finds out after the call. */
export const keyNotAccessible = 'Given key ID is not accessible';

const sourceRegionOf = (call: Call): Region => {
  const name = call.params.requiredText('SourceRegion');
  const region = call.world.regions.get(name);
  if (region === undefined) throw awsError('InvalidParameterValue', `Invalid source region: ${name}`);
  return region;
};

const sourceOf = (call: Call, region: Region): Snapshot => {
  const id = call.params.requiredText('SourceSnapshotId');
  checkForm(kinds.snapshot, id, 'sourceSnapshotId');
  const source = region.snapshots.get(id);
  if (source === undefined || !existsAt(source, call.readAt) || !isAccessible(region, source, call.accountId))
    throw notFound(kinds.snapshot, id);
  const state = snapshotState(source, call.now);
  if (state !== 'completed')
    throw awsError(
      'IncorrectState',
      `The snapshot '${id}' is in the '${state}' state; only a completed one can be copied.`,
    );
  return source;
};

const checkDuration = (call: Call): number | undefined => {
  const minutes = call.params.integer('CompletionDurationMinutes');
  if (minutes !== undefined && (minutes < 15 || minutes > 2880 || minutes % 15 !== 0)) {
    throw invalidValue(minutes, 'completionDurationMinutes', 'Expected 15 to 2880 in steps of 15.');
  }
  return minutes;
};

const refusalOf = (call: Call, keyRefused: boolean): string | undefined =>
  keyRefused ? keyNotAccessible : call.failWith;

/** Starts a copy in the caller's account and in the region asked; the copy gets a volume id that means nothing. */
export const startCopy = (
  call: Call,
  input: {
    readonly region: Region;
    readonly source: Snapshot;
    readonly description: string;
    readonly tags: ReadonlyMap<string, string>;
  },
): Snapshot => {
  const { region, source, description, tags } = input;
  const wish = { encrypted: call.params.flag('Encrypted'), kmsKeyId: call.params.text('KmsKeyId') };
  const chosen = chooseEncryption(call, wish, source.encrypted);
  const refusal = refusalOf(call, chosen.keyRefused || isSealed(call, region, source));
  const { copyBaseMs, copyPerGiBMs, keyCheckMs } = call.world.settings.timing;
  const completesAt = call.now + copyBaseMs + copyPerGiBMs * source.sizeGiB;
  return keepSnapshot(call.region, {
    ...newThing(call, call.world.ids.id('snap'), tags),
    volumeId: 'vol-ffffffff',
    sizeGiB: source.sizeGiB,
    description,
    encrypted: chosen.encrypted,
    kmsKeyArn: chosen.kmsKeyArn,
    completesAt,
    failsAt: refusal === undefined ? undefined : Math.min(completesAt, call.now + keyCheckMs),
    stateMessage: refusal,
    productCodes: source.productCodes,
    sharedWith: new Set(),
    copiedFrom: { region: region.name, snapshotId: source.id },
    kind: 'copy',
    platformDetails: source.platformDetails,
    ownerAlias: undefined,
  });
};

/** CopySnapshot: called in the destination region by the account that will own the copy. */
export const copySnapshot = (call: Call): Reply => {
  if (call.params.flag('Encrypted') === false)
    throw invalidValue('false', 'encrypted', 'Leave it out or set it to true.');
  const destination = call.params.text('DestinationRegion');
  if (destination !== undefined && destination !== '' && destination !== call.region.name) {
    throw awsError(
      'InvalidParameterValue',
      `Invalid destination region: ${destination}. The request must be sent to the destination region.`,
    );
  }
  const region = sourceRegionOf(call);
  checkDuration(call);
  const source = sourceOf(call, region);
  checkCopyLimits(call);
  const description = call.params.text('Description') ?? `[Copied ${source.id} from ${region.name}]`;
  const copy = startCopy(call, { region, source, description, tags: requestedTags(call, 'snapshot') });
  return { snapshotId: copy.id, tagSet: [...copy.tags].map(([key, value]) => ({ key, value })) };
};
