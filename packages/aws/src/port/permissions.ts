import type { Ec2Port } from './ec2.ts';
import type { IamPort } from './iam.ts';
import type { KmsPort } from './kms.ts';
import type { RdsPort } from './rds.ts';
import type { RedshiftPort } from './redshift.ts';
import type { ServiceQuotasPort } from './service-quotas.ts';
import type { SsmPort } from './ssm.ts';

type Ec2Method = Exclude<
  keyof Ec2Port,
  'region' | 'reserve' | 'warm' | 'dryRun' | 'prepareSnapshots' | 'prepareSnapshot'
>;

/** The IAM actions that each method needs (a dry run those of the method it is of): for the policies CPM prints, and to say what is missing. */
export const EC2_PERMISSIONS: Readonly<Record<Ec2Method, readonly string[]>> = {
  listInstances: ['ec2:DescribeInstances'],
  describeInstances: ['ec2:DescribeInstances'],
  readInstanceAttributes: [
    'ec2:DescribeInstanceAttribute',
    'ec2:DescribeInstanceCreditSpecifications',
    'ec2:GetInstanceUefiData',
  ],
  readInstanceConfiguration: [
    'ec2:DescribeInstances',
    'ec2:DescribeInstanceAttribute',
    'ec2:DescribeInstanceCreditSpecifications',
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
  searchImages: ['ec2:DescribeImages'],
  findImageByName: ['ec2:DescribeImages'],
  registerImage: ['ec2:RegisterImage', 'ec2:CreateTags'],
  deregisterImage: ['ec2:DeregisterImage'],
  runInstances: ['ec2:RunInstances', 'ec2:CreateTags', 'iam:PassRole'],
  startInstances: ['ec2:StartInstances'],
  stopInstances: ['ec2:StopInstances'],
  terminateInstances: ['ec2:TerminateInstances'],
  setTerminationProtection: ['ec2:ModifyInstanceAttribute'],
  modifyInstanceBlockDevice: ['ec2:ModifyInstanceAttribute'],
  modifyInstanceUserData: ['ec2:ModifyInstanceAttribute'],
  setSourceDestCheck: ['ec2:ModifyNetworkInterfaceAttribute'],
  createTags: ['ec2:CreateTags'],
  describeRegions: ['ec2:DescribeRegions'],
  describeZones: ['ec2:DescribeAvailabilityZones'],
  describeKeyPairs: ['ec2:DescribeKeyPairs'],
  describeSecurityGroups: ['ec2:DescribeSecurityGroups'],
  describeSubnets: ['ec2:DescribeSubnets'],
  describeVcpus: ['ec2:DescribeInstanceTypes'],
  describeInstanceTypeZones: ['ec2:DescribeInstanceTypeOfferings'],
  describeInstanceType: ['ec2:DescribeInstanceTypes'],
  describePlacementGroups: ['ec2:DescribePlacementGroups'],
  describeHosts: ['ec2:DescribeHosts'],
  describePrivateAddresses: ['ec2:DescribeNetworkInterfaces'],
};

/** RDS names its actions as IAM does; the tags of a create need their own. */
export const RDS_PERMISSIONS: Readonly<Record<Exclude<keyof RdsPort, 'region' | 'reserve'>, readonly string[]>> = {
  listDatabases: ['rds:DescribeDBInstances'],
  describeDatabases: ['rds:DescribeDBInstances'],
  listDatabaseClusters: ['rds:DescribeDBClusters'],
  describeDatabaseClusters: ['rds:DescribeDBClusters'],
  readQuotas: ['rds:DescribeAccountAttributes'],
  createDatabaseSnapshot: ['rds:CreateDBSnapshot', 'rds:AddTagsToResource'],
  createDatabaseClusterSnapshot: ['rds:CreateDBClusterSnapshot', 'rds:AddTagsToResource'],
  describeDatabaseSnapshots: ['rds:DescribeDBSnapshots'],
  describeDatabaseClusterSnapshots: ['rds:DescribeDBClusterSnapshots'],
  listManualDatabaseSnapshots: ['rds:DescribeDBSnapshots'],
  listManualDatabaseClusterSnapshots: ['rds:DescribeDBClusterSnapshots'],
  deleteDatabaseSnapshot: ['rds:DeleteDBSnapshot'],
  deleteDatabaseClusterSnapshot: ['rds:DeleteDBClusterSnapshot'],
  restoreDatabase: ['rds:RestoreDBInstanceFromDBSnapshot', 'rds:AddTagsToResource'],
  restoreDatabaseCluster: ['rds:RestoreDBClusterFromSnapshot', 'rds:AddTagsToResource'],
  createClusterMember: ['rds:CreateDBInstance', 'rds:AddTagsToResource'],
  changeDatabase: ['rds:ModifyDBInstance', 'iam:PassRole'],
  changeDatabaseCluster: ['rds:ModifyDBCluster'],
  deleteDatabase: ['rds:DescribeDBInstances', 'rds:ModifyDBInstance', 'rds:DeleteDBInstance'],
  deleteDatabaseCluster: ['rds:DescribeDBClusters', 'rds:ModifyDBCluster', 'rds:DeleteDBCluster'],
  listSubnetGroups: ['rds:DescribeDBSubnetGroups'],
  listParameterGroups: ['rds:DescribeDBParameterGroups'],
  listClusterParameterGroups: ['rds:DescribeDBClusterParameterGroups'],
  listOptionGroups: ['rds:DescribeOptionGroups'],
  listOrderableClasses: ['rds:DescribeOrderableDBInstanceOptions'],
};

export const REDSHIFT_PERMISSIONS: Readonly<
  Record<Exclude<keyof RedshiftPort, 'region' | 'reserve'>, readonly string[]>
> = {
  listClusters: ['redshift:DescribeClusters'],
  describeClusters: ['redshift:DescribeClusters'],
  createClusterSnapshot: ['redshift:CreateClusterSnapshot', 'redshift:CreateTags'],
  describeClusterSnapshots: ['redshift:DescribeClusterSnapshots'],
  listManualSnapshots: ['redshift:DescribeClusterSnapshots'],
  deleteClusterSnapshot: ['redshift:DeleteClusterSnapshot'],
  restoreCluster: ['redshift:RestoreFromClusterSnapshot', 'iam:PassRole'],
  tagCluster: ['redshift:CreateTags'],
  deleteCluster: ['redshift:DeleteCluster'],
  listSubnetGroups: ['redshift:DescribeClusterSubnetGroups'],
  listParameterGroups: ['redshift:DescribeClusterParameterGroups'],
};

/** SendCommand asks for both the document and the instances as resources. */
export const SSM_PERMISSIONS: Readonly<Record<Exclude<keyof SsmPort, 'region'>, readonly string[]>> = {
  describeManagedInstances: ['ssm:DescribeInstanceInformation'],
  sendCommand: ['ssm:SendCommand'],
  findCommands: ['ssm:ListCommandInvocations'],
  readInvocation: ['ssm:GetCommandInvocation'],
  cancelCommand: ['ssm:CancelCommand'],
};

export const KMS_METHOD_PERMISSIONS: Readonly<Record<Exclude<keyof KmsPort, 'region'>, readonly string[]>> = {
  describeKey: ['kms:DescribeKey'],
};

export const SERVICE_QUOTAS_PERMISSIONS: Readonly<
  Record<Exclude<keyof ServiceQuotasPort, 'region'>, readonly string[]>
> = {
  readQuota: ['servicequotas:GetServiceQuota', 'servicequotas:GetAWSDefaultServiceQuota'],
};

export const IAM_PERMISSIONS: Readonly<Record<keyof IamPort, readonly string[]>> = {
  simulate: ['iam:SimulatePrincipalPolicy'],
  findRoleArn: ['iam:GetRole'],
  findProfileRoles: ['iam:GetInstanceProfile'],
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

/** A method of a port that changes or reads something in AWS: `ec2.createVolume`. */
export type AwsMethod =
  | `ec2.${keyof typeof EC2_PERMISSIONS}`
  | `rds.${keyof typeof RDS_PERMISSIONS}`
  | `redshift.${keyof typeof REDSHIFT_PERMISSIONS}`;

const BY_SERVICE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  ec2: EC2_PERMISSIONS,
  rds: RDS_PERMISSIONS,
  redshift: REDSHIFT_PERMISSIONS,
};

/** The IAM actions that some methods need together, each once. */
export function actionsOf(methods: readonly AwsMethod[]): string[] {
  const actions = methods.flatMap((method) => {
    const [service = '', name = ''] = method.split('.');
    return BY_SERVICE[service]?.[name] ?? [];
  });
  return [...new Set(actions)];
}
