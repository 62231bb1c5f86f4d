import type { Ec2Port, Image, LaunchBlockDevice } from '@cpm/aws/port';
import { isEc2Id, type ExistingImagePlan, type OfferedImage } from '@cpm/core';

/** The image as AWS shows it to the account now; null where it does not, or the id is none. */
export async function offeredImage(
  { describeImages }: Pick<Ec2Port, 'describeImages'>,
  imageId: string,
): Promise<OfferedImage | null> {
  if (!isEc2Id('ami', imageId)) return null;
  const [image] = await describeImages([imageId]);
  return image === undefined ? null : toOffered(image);
}

const toOffered = ({ enaSupport, blockDevices, ...image }: Image): OfferedImage => ({
  ...image,
  isEnaSupported: enaSupport,
  devices: blockDevices.map(({ deviceName, virtualName, type, throughputMiBs, ...device }) => ({
    deviceName,
    isEbs: virtualName === null,
    sizeGiB: device.sizeGiB,
    volumeType: type,
    iops: device.iops,
    throughputMiBps: throughputMiBs,
    deleteOnTermination: device.deleteOnTermination,
  })),
});

/** What a launch changes of the devices that its image brings along. */
export function devicesOfImage({ root, leftOut }: ExistingImagePlan): LaunchBlockDevice[] {
  const none = leftOut.map((deviceName) => ({ kind: 'none' as const, deviceName }));
  if (root === null) return none;
  const { deviceName, sizeGiB, volumeType, iops, throughputMiBps, deleteOnTermination, kmsKeyId } = root;
  const shape = { awsSnapshotId: null, sizeGiB, type: volumeType, iops, throughputMiBs: throughputMiBps };
  return [
    { kind: 'volume', deviceName, ...shape, deleteOnTermination, encrypted: kmsKeyId === null ? null : true, kmsKeyId },
    ...none,
  ];
}
