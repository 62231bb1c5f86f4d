import type { Ec2Port } from './ec2.ts';

type Ec2Method = Exclude<keyof Ec2Port, 'region' | 'reserve' | 'warm'>;

/** The IAM actions that each method needs: for the policies CPM prints, and to say what is missing. */
export const EC2_PERMISSIONS: Readonly<Record<Ec2Method, readonly string[]>> = {
  listInstances: ['ec2:DescribeInstances'],
  describeInstances: ['ec2:DescribeInstances'],
  readInstanceAttributes: ['ec2:DescribeInstanceAttribute', 'ec2:GetInstanceUefiData'],
  readInstanceConfiguration: [
    'ec2:DescribeInstances',
    'ec2:DescribeInstanceAttribute',
    'ec2:GetInstanceUefiData',
    'ec2:DescribeImages',
  ],
  listVolumes: ['ec2:DescribeVolumes'],
  describeVolumes: ['ec2:DescribeVolumes'],
  createSnapshots: ['ec2:CreateSnapshots', 'ec2:CreateTags'],
  createSnapshot: ['ec2:CreateSnapshot', 'ec2:CreateTags'],
  describeSnapshots: ['ec2:DescribeSnapshots'],
  findSnapshotsByTag: ['ec2:DescribeSnapshots'],
  deleteSnapshot: ['ec2:DeleteSnapshot'],
  createVolume: ['ec2:CreateVolume', 'ec2:CreateTags'],
  attachVolume: ['ec2:AttachVolume'],
  detachVolume: ['ec2:DetachVolume'],
  deleteVolume: ['ec2:DeleteVolume'],
  describeImages: ['ec2:DescribeImages'],
  findImageByName: ['ec2:DescribeImages'],
  registerImage: ['ec2:RegisterImage', 'ec2:CreateTags'],
  deregisterImage: ['ec2:DeregisterImage'],
  runInstances: ['ec2:RunInstances', 'ec2:CreateTags', 'iam:PassRole'],
  startInstances: ['ec2:StartInstances'],
  stopInstances: ['ec2:StopInstances'],
  terminateInstances: ['ec2:TerminateInstances'],
  createTags: ['ec2:CreateTags'],
  describeRegions: ['ec2:DescribeRegions'],
  describeZones: ['ec2:DescribeAvailabilityZones'],
  describeKeyPairs: ['ec2:DescribeKeyPairs'],
  describeSecurityGroups: ['ec2:DescribeSecurityGroups'],
  describeSubnets: ['ec2:DescribeSubnets'],
  describeInstanceTypeZones: ['ec2:DescribeInstanceTypeOfferings'],
};

/** GetCallerIdentity needs no permission; AssumeRole only where an account is reached through a role. */
export const STS_PERMISSIONS: readonly string[] = ['sts:GetCallerIdentity', 'sts:AssumeRole'];

/** What volumes encrypted with a customer's key need besides (EBS User Guide, "Permissions to use KMS keys"). */
export const KMS_PERMISSIONS: readonly string[] = [
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];
