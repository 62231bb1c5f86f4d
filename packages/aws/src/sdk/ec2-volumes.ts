import type * as aws from '@aws-sdk/client-ec2';
import type { CreateVolumeInput, Ec2Volumes, Volume } from '../port/ec2-volumes.ts';
import { goneIfMissing, type Ec2Calls } from './service-calls.ts';
import { PAGE_SIZE, readAllPages, readByFilter } from './pages.ts';
import { instantOf, orLeftOut, orNull, tagSpecifications, tagsOf } from './shapes.ts';

export function ec2Volumes({ read, repeatable, once }: Ec2Calls): Ec2Volumes {
  const list = (input: aws.DescribeVolumesCommandInput) =>
    readAllPages(
      (NextToken) =>
        read('DescribeVolumes', (ec2, sdk) =>
          ec2.send(new sdk.DescribeVolumesCommand({ ...input, MaxResults: PAGE_SIZE, NextToken })),
        ),
      (page) => (page.Volumes ?? []).map(toVolume),
    );
  return {
    listVolumes: () => list({}),
    describeVolumes: (volumeIds) =>
      readByFilter(volumeIds, (Values) => list({ Filters: [{ Name: 'volume-id', Values }] })),
    createVolume: async (input) =>
      toVolume(
        await repeatable('CreateVolume', (ec2, sdk) => ec2.send(new sdk.CreateVolumeCommand(toCreateVolume(input)))),
      ),
    attachVolume: async (VolumeId, InstanceId, Device) => {
      const output = await once('AttachVolume', (ec2, sdk) =>
        ec2.send(new sdk.AttachVolumeCommand({ VolumeId, InstanceId, Device })),
      );
      return output.State ?? 'attaching';
    },
    detachVolume: async ({ volumeId, instanceId, deviceName }) => {
      const output = await once('DetachVolume', (ec2, sdk) =>
        ec2.send(new sdk.DetachVolumeCommand({ VolumeId: volumeId, InstanceId: instanceId, Device: deviceName })),
      );
      return output.State ?? 'detaching';
    },
    deleteVolume: (VolumeId) =>
      goneIfMissing(
        repeatable('DeleteVolume', (ec2, sdk) => ec2.send(new sdk.DeleteVolumeCommand({ VolumeId }))),
        'deleted' as const,
      ),
  };
}

/** The parameters of CreateVolume. */
export function toCreateVolume(input: CreateVolumeInput): aws.CreateVolumeCommandInput {
  return {
    ClientToken: input.clientToken,
    AvailabilityZone: input.zone,
    SnapshotId: orLeftOut(input.awsSnapshotId),
    Size: orLeftOut(input.sizeGiB),
    // AWS's default is gp2, so the type is always sent.
    VolumeType: input.type as aws.VolumeType,
    Iops: orLeftOut(input.iops),
    Throughput: orLeftOut(input.throughputMiBs),
    Encrypted: orLeftOut(input.encrypted),
    KmsKeyId: orLeftOut(input.kmsKeyId),
    TagSpecifications: tagSpecifications('volume', input.tags),
  };
}

function toVolume(from: aws.Volume): Volume {
  return {
    volumeId: from.VolumeId ?? '',
    state: from.State ?? '',
    sizeGiB: from.Size ?? 0,
    type: from.VolumeType ?? '',
    iops: orNull(from.Iops),
    throughputMiBs: orNull(from.Throughput),
    encrypted: from.Encrypted ?? false,
    kmsKeyId: orNull(from.KmsKeyId),
    zone: from.AvailabilityZone ?? '',
    awsSnapshotId: orNull(from.SnapshotId),
    multiAttach: from.MultiAttachEnabled ?? false,
    createdAt: instantOf(from.CreateTime),
    attachments: (from.Attachments ?? []).map((attachment) => ({
      instanceId: attachment.InstanceId ?? '',
      deviceName: attachment.Device ?? '',
      state: attachment.State ?? '',
      deleteOnTermination: attachment.DeleteOnTermination ?? false,
    })),
    tags: tagsOf(from.Tags),
  };
}
