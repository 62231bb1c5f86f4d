import { CopyText } from '../../ui/copy-text.tsx';
import { Panel } from '../../ui/page.tsx';
import classes from './permissions-hint.module.css';

/** What CPM calls, by what it is for; nothing else is needed. */
const ACTIONS: readonly (readonly [purpose: string, actions: readonly string[]])[] = [
  [
    'See what there is',
    [
      'ec2:DescribeRegions',
      'ec2:DescribeAvailabilityZones',
      'ec2:DescribeInstances',
      'ec2:DescribeInstanceAttribute',
      'ec2:DescribeVolumes',
      'ec2:DescribeSnapshots',
      'ec2:DescribeImages',
      'ec2:DescribeSubnets',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeKeyPairs',
      'rds:DescribeDBInstances',
      'rds:DescribeDBClusters',
      'rds:DescribeDBSnapshots',
      'rds:DescribeDBClusterSnapshots',
      'rds:DescribeAccountAttributes',
      'redshift:DescribeClusters',
      'redshift:DescribeClusterSnapshots',
    ],
  ],
  ['Back up', ['ec2:CreateSnapshot', 'ec2:CreateSnapshots', 'ec2:CreateTags']],
  [
    'Back up databases and clusters',
    [
      'rds:CreateDBSnapshot',
      'rds:CreateDBClusterSnapshot',
      'rds:AddTagsToResource',
      'redshift:CreateClusterSnapshot',
      'redshift:CreateTags',
    ],
  ],
  [
    'Keep only so many generations',
    ['ec2:DeleteSnapshot', 'rds:DeleteDBSnapshot', 'rds:DeleteDBClusterSnapshot', 'redshift:DeleteClusterSnapshot'],
  ],
  [
    'Recover',
    [
      'ec2:CreateVolume',
      'ec2:AttachVolume',
      'ec2:RegisterImage',
      'ec2:DeregisterImage',
      'ec2:RunInstances',
      'ec2:TerminateInstances',
      'ec2:DeleteVolume',
      'iam:PassRole',
    ],
  ],
  [
    'Check a recovery before it starts',
    [
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeInstanceTypeOfferings',
      'iam:SimulatePrincipalPolicy',
      'iam:GetInstanceProfile',
      'iam:GetRole',
      'kms:DescribeKey',
      'servicequotas:GetServiceQuota',
      'servicequotas:GetAWSDefaultServiceQuota',
    ],
  ],
];

/** The IAM policy that the key's user needs, to be copied. */
export function PermissionsHint() {
  const statements = ACTIONS.map(([, actions]) => ({ Effect: 'Allow', Action: actions, Resource: '*' }));
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2);
  return (
    <Panel title="What the key must be allowed" tools={<CopyText text={document} label="Copy the IAM policy" />}>
      <p className={classes.lead}>
        Make an IAM user for CPM alone, attach this policy to it and create an access key. CPM asks AWS whose the key is
        before it keeps it.
      </p>
      <dl className={classes.list}>
        {ACTIONS.map(([purpose, actions]) => (
          <div key={purpose}>
            <dt>{purpose}</dt>
            <dd>{actions.join(', ')}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
