import type * as aws from '@aws-sdk/client-ec2';
import type { Tags } from '../port/access.ts';
import type { CreateSnapshotInput, CreateSnapshotsInput, Ec2Snapshots, Snapshot } from '../port/ec2-snapshots.ts';
import { isAwsError } from '../port/errors.ts';
import type { Ec2Sdk } from './clients.ts';
import { A_HANDLER_OF_ITS_OWN, BEHIND_THE_SIGNATURE } from './held-call.ts';
import { goneIfMissing, type Ec2Calls } from './service-calls.ts';
import { chunksOf, literal, PAGE_SIZE, readAllPages, readByFilter } from './pages.ts';
import { instantOf, orNull, tagSpecifications, tagsOf } from './shapes.ts';

export function ec2Snapshots({ read, repeatable, once, prepareOnce }: Ec2Calls): Ec2Snapshots {
  const list = (input: aws.DescribeSnapshotsCommandInput) =>
    readAllPages(
      (NextToken) =>
        read('DescribeSnapshots', (ec2, sdk) => ec2.send(new sdk.DescribeSnapshotsCommand({ ...input, NextToken }))),
      (page) => (page.Snapshots ?? []).map((snapshot) => toSnapshot(snapshot)),
    );
  const byFilter = (name: string, values: readonly string[]) =>
    readByFilter(values, (Values) =>
      list({ OwnerIds: ['self'], MaxResults: PAGE_SIZE, Filters: [{ Name: name, Values }] }),
    );
  const byIds = async (SnapshotIds: string[]): Promise<readonly Snapshot[]> => {
    try {
      return await list({ SnapshotIds });
    } catch (error) {
      // One id that AWS does not show (yet, or any more) fails the whole call: ask so that it is just absent.
      if (isAwsError(error) && (error.class === 'missing' || error.class === 'invalid')) {
        return byFilter('snapshot-id', SnapshotIds);
      }
      throw error;
    }
  };

  return {
    createSnapshots: async (input) => {
      const made = await once('CreateSnapshots', (ec2, sdk) => ec2.send(ofInstance(sdk, input)));
      return toSnapshots(made, input.tags);
    },
    createSnapshot: async (input) => {
      const made = await once('CreateSnapshot', (ec2, sdk) => ec2.send(ofVolume(sdk, input)));
      return toSnapshot(made, input.tags);
    },
    prepareSnapshots: (input) => {
      const { send, drop } = prepareOnce('CreateSnapshots', (ec2, sdk, gate) => {
        const command = ofInstance(sdk, input);
        command.middlewareStack.add(gate, BEHIND_THE_SIGNATURE);
        return ec2.send(command, A_HANDLER_OF_ITS_OWN);
      });
      return { send: async () => toSnapshots(await send(), input.tags), drop };
    },
    prepareSnapshot: (input) => {
      const { send, drop } = prepareOnce('CreateSnapshot', (ec2, sdk, gate) => {
        const command = ofVolume(sdk, input);
        command.middlewareStack.add(gate, BEHIND_THE_SIGNATURE);
        return ec2.send(command, A_HANDLER_OF_ITS_OWN);
      });
      return { send: async () => toSnapshot(await send(), input.tags), drop };
    },
    describeSnapshots: async (awsSnapshotIds) => {
      const parts = await Promise.all(chunksOf([...new Set(awsSnapshotIds)], PAGE_SIZE).map(byIds));
      return parts.flat();
    },
    findSnapshotsByTag: (key, values) => byFilter(`tag:${key}`, values.map(literal)),
    deleteSnapshot: (SnapshotId) =>
      goneIfMissing(
        repeatable('DeleteSnapshot', (ec2, sdk) => ec2.send(new sdk.DeleteSnapshotCommand({ SnapshotId }))),
        'deleted' as const,
      ),
  };
}

const ofInstance = (sdk: Ec2Sdk, { instanceId, description, tags, ...input }: CreateSnapshotsInput) =>
  new sdk.CreateSnapshotsCommand({
    InstanceSpecification: {
      InstanceId: instanceId,
      ExcludeBootVolume: input.excludeRoot,
      ...(input.excludeVolumeIds.length > 0 ? { ExcludeDataVolumeIds: [...input.excludeVolumeIds] } : {}),
    },
    Description: description,
    TagSpecifications: tagSpecifications('snapshot', tags),
    ...(input.copySourceTags ? { CopyTagsFromSource: 'volume' as const } : {}),
  });

const ofVolume = (sdk: Ec2Sdk, { volumeId, description, tags }: CreateSnapshotInput) =>
  new sdk.CreateSnapshotCommand({
    VolumeId: volumeId,
    Description: description,
    TagSpecifications: tagSpecifications('snapshot', tags),
  });

type SdkSnapshot = aws.Snapshot & aws.SnapshotInfo;

const toSnapshots = (answer: aws.CreateSnapshotsCommandOutput, askedTags: Tags): readonly Snapshot[] =>
  (answer.Snapshots ?? []).map((snapshot) => toSnapshot(snapshot, askedTags));

/** `askedTags` stand in where the answer of a create does not repeat them. */
function toSnapshot(from: SdkSnapshot, askedTags: Tags = {}): Snapshot {
  return {
    awsSnapshotId: from.SnapshotId ?? '',
    volumeId: from.VolumeId ?? '',
    state: from.State ?? 'pending',
    stateMessage: orNull(from.StateMessage),
    progressPercent: percentOf(from.Progress),
    startedAt: instantOf(from.StartTime),
    completedAt: instantOf(from.CompletionTime),
    sizeGiB: from.VolumeSize ?? 0,
    encrypted: from.Encrypted ?? false,
    kmsKeyId: orNull(from.KmsKeyId),
    ownerId: orNull(from.OwnerId),
    description: from.Description ?? '',
    storageTier: orNull(from.StorageTier),
    tags: from.Tags === undefined ? askedTags : tagsOf(from.Tags),
  };
}

/** AWS writes `37%`, or nothing. */
function percentOf(progress: string | undefined): number | null {
  const percent = Number.parseInt(progress ?? '', 10);
  return Number.isNaN(percent) ? null : Math.min(100, Math.max(0, percent));
}
