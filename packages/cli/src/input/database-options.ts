import type { DatabaseClusterRecoveryInput, DatabaseRecoveryInput, RedshiftClusterRecoveryInput } from '@cpm/contract';
import { asField, flag, many, text, wholeNumber, wrongInput, yesOrNo } from '../command.ts';

/** What the recovery of any database or cluster can be told; what is left out stays as it was backed up. */
const common = {
  port: wholeNumber('--port <n>', 'Another port.'),
  subnetGroup: text('--subnet-group <name>', 'Another subnet group.'),
  securityGroup: asField(
    'securityGroupIds',
    many('--security-group <id>', 'Other security groups; may be given several times.'),
  ),
  parameterGroup: text('--parameter-group <name>', 'Another parameter group.'),
  public: asField(
    'isPubliclyAccessible',
    yesOrNo('--public <yes|no>', 'Whether it can be reached from outside the VPC.'),
  ),
  withoutTags: flag('--without-tags', 'Do not give it the tags that were backed up.'),
};

const zone = text('--zone <zone>', 'The availability zone, or any to let AWS choose.');
const protection = asField(
  'hasDeletionProtection',
  yesOrNo('--deletion-protection <yes|no>', 'Whether it is protected from deletion.'),
);

export const databaseOptions = {
  id: asField('databaseId', text('--id <name>', 'What it is called (as the original unless told); must be free.')),
  class: asField('instanceClass', text('--class <class>', 'Another class, such as db.m7g.large.')),
  zone,
  multiAz: asField('isMultiAz', yesOrNo('--multi-az <yes|no>', 'Whether it has a standby in a second zone.')),
  ...common,
  optionGroup: text('--option-group <name>', 'Another option group.'),
  storageType: text('--storage-type <type>', 'Another type of storage: gp2, gp3, io1, io2 or standard.'),
  size: asField('sizeGiB', wholeNumber('--size <GiB>', 'More storage than the original had.')),
  iops: wholeNumber('--iops <n>', 'IOPS, for gp3, io1 and io2.'),
  throughput: asField('throughputMiBps', wholeNumber('--throughput <MiB/s>', 'Throughput, for gp3.')),
  protection,
};

export const databaseClusterOptions = {
  id: asField('clusterId', text('--id <name>', 'What it is called (as the original unless told); must be free.')),
  member: asField(
    'members',
    many(
      '--member <name[=class]>',
      'A member, the first is the writer (those of the original unless told); several times.',
    ),
  ),
  withoutMembers: flag('--without-members', 'Make the cluster alone.'),
  ...common,
  protection,
};

export const redshiftClusterOptions = {
  id: asField('clusterId', text('--id <name>', 'What it is called (as the original unless told); must be free.')),
  nodeType: text('--node-type <type>', 'Another node type of the same family.'),
  nodes: asField('nodeCount', wholeNumber('--nodes <n>', 'How many nodes.')),
  zone,
  ...common,
};

type Values<Options extends Readonly<Record<string, { readonly read: (raw: unknown) => unknown }>>> = {
  readonly [Key in keyof Options]: ReturnType<Options[Key]['read']>;
};

const zoneOf = (asked: string | undefined): string | null | undefined => (asked === 'any' ? null : asked);

const commonFields = (options: Values<typeof common>) => ({
  port: options.port,
  subnetGroup: options.subnetGroup,
  securityGroupIds: options.securityGroup.length === 0 ? undefined : [...options.securityGroup],
  parameterGroup: options.parameterGroup,
  isPubliclyAccessible: options.public,
  preserveTags: !options.withoutTags,
});

/** The options in the words of the API. */
export const databaseFields = (resourceId: string, options: Values<typeof databaseOptions>): DatabaseRecoveryInput => ({
  ...commonFields(options),
  resourceId,
  databaseId: options.id,
  instanceClass: options.class,
  zone: zoneOf(options.zone),
  isMultiAz: options.multiAz,
  optionGroup: options.optionGroup,
  storageType: options.storageType,
  sizeGiB: options.size,
  iops: options.iops,
  throughputMiBps: options.throughput,
  hasDeletionProtection: options.protection,
});

/** The same of a database cluster; throws `invalid_request` where the options contradict each other. */
export function databaseClusterFields(
  resourceId: string,
  options: Values<typeof databaseClusterOptions>,
): DatabaseClusterRecoveryInput {
  const { member, withoutMembers } = options;
  if (withoutMembers && member.length > 0) throw wrongInput('--member', 'it contradicts --without-members');
  const members = member.map((raw) => {
    const [databaseId = '', instanceClass] = raw.split('=', 2);
    return { databaseId, instanceClass };
  });
  return {
    ...commonFields(options),
    resourceId,
    clusterId: options.id,
    members: member.length > 0 || withoutMembers ? members : undefined,
    hasDeletionProtection: options.protection,
  };
}

/** The same of a Redshift cluster. */
export const redshiftClusterFields = (
  resourceId: string,
  options: Values<typeof redshiftClusterOptions>,
): RedshiftClusterRecoveryInput => ({
  ...commonFields(options),
  resourceId,
  clusterId: options.id,
  nodeType: options.nodeType,
  nodeCount: options.nodes,
  zone: zoneOf(options.zone),
});
