/** Whose policies decide what a caller may do. */
export type Principal =
  | { readonly kind: 'root' }
  | { readonly kind: 'user' | 'role'; readonly arn: string; readonly name: string }
  | { readonly kind: 'unknown' };

/**
 * The user or role behind the ARN that AWS STS told of a caller: a session becomes its role, whose path a session's ARN leaves
 * out. `unknown` for what IAM cannot simulate, such as a federated user.
 */
export function principalOf(callerArn: string): Principal {
  const [, partition = '', service = '', accountId = '', rest = ''] =
    /^arn:([^:]+):(iam|sts)::(\d{12}):(.+)$/.exec(callerArn) ?? [];
  if (service === 'iam' && rest === 'root') return { kind: 'root' };
  const parts = rest.split('/');
  if (service === 'iam' && parts[0] === 'user') return { kind: 'user', arn: callerArn, name: parts.at(-1) ?? '' };
  const role = parts[1] ?? '';
  if (service === 'sts' && parts[0] === 'assumed-role' && role !== '')
    return { kind: 'role', arn: `arn:${partition}:iam::${accountId}:role/${role}`, name: role };
  return { kind: 'unknown' };
}

/** What IAM is asked at once: whether each of the actions is allowed on each of the resources, under conditions. */
export type PermissionQuestion = {
  readonly actions: readonly string[];
  readonly resourceArns: readonly string[];
  readonly context: Readonly<Record<string, string>>;
};

export type QuestionInput = {
  readonly actions: readonly string[];
  readonly partition: string;
  readonly accountId: string;
  readonly region: string;
  /** Ids by type of resource, where known: policies may name them. */
  readonly resourceIds: Readonly<Record<string, readonly string[]>>;
  /** The roles that are handed to instances. */
  readonly passedRoleArns: readonly string[];
};

/** The resources that an action is decided on; actions that are not here are asked for all (Service Authorization Reference). */
const RESOURCE_TYPES: Readonly<Record<string, readonly string[]>> = {
  'ec2:AttachVolume': ['volume', 'instance'],
  'ec2:CreateTags': ['volume'],
  'ec2:CreateVolume': ['volume'],
  'ec2:DeleteVolume': ['volume'],
  'ec2:DeregisterImage': ['image'],
  'ec2:DetachVolume': ['volume', 'instance'],
  'ec2:RegisterImage': ['image'],
  'ec2:RunInstances': ['instance', 'volume', 'network-interface', 'image', 'subnet', 'security-group', 'key-pair'],
  'ec2:StartInstances': ['instance'],
  'ec2:StopInstances': ['instance'],
  'ec2:TerminateInstances': ['instance'],
  'rds:AddTagsToResource': ['db'],
  'rds:CreateDBInstance': ['db'],
  'rds:ModifyDBCluster': ['cluster'],
  'rds:ModifyDBInstance': ['db'],
  'rds:RestoreDBClusterFromSnapshot': ['cluster', 'cluster-snapshot'],
  'rds:RestoreDBInstanceFromDBSnapshot': ['db', 'snapshot'],
};
/** Images and snapshots belong to a region, not to an account, in the ARNs of EC2. */
const WITHOUT_ACCOUNT = new Set(['image', 'snapshot']);

/** Everything that must be allowed for the actions, in as few questions as there are sets of resources. */
export function permissionQuestions(input: QuestionInput): PermissionQuestion[] {
  const others = input.actions.filter((action) => action !== 'iam:PassRole');
  const bySet = Map.groupBy(others, (action) => arnsOf(action, input).join(' '));
  const context = { 'iam:PassedToService': 'ec2.amazonaws.com' };
  const passes = others.length < input.actions.length && input.passedRoleArns.length > 0;
  return [
    ...[...bySet].map(([set, actions]) => ({ actions, resourceArns: set.split(' '), context: {} })),
    ...(passes ? [{ actions: ['iam:PassRole'], resourceArns: [...input.passedRoleArns], context }] : []),
  ];
}

function arnsOf(action: string, { partition, accountId, region, resourceIds }: QuestionInput): string[] {
  const [service = ''] = action.split(':');
  const types = RESOURCE_TYPES[action];
  if (types === undefined) return ['*'];
  return types.flatMap((type) => {
    const account = service === 'ec2' && WITHOUT_ACCOUNT.has(type) ? '' : accountId;
    const separator = service === 'ec2' ? '/' : ':';
    const ids = resourceIds[type] ?? ['*'];
    return ids.map((id) => `arn:${partition}:${service}:${region}:${account}:${type}${separator}${id}`);
  });
}

/** The IAM policy that allows exactly what is missing; null where nothing is. Roles are passed only where they are named. */
export function missingPolicy(
  missing: readonly string[],
  passedRoleArns: readonly string[],
): Record<string, unknown> | null {
  const actions = [...new Set(missing)].toSorted((one, other) => one.localeCompare(other));
  const passes = actions.includes('iam:PassRole') && passedRoleArns.length > 0;
  const others = actions.filter((action) => !passes || action !== 'iam:PassRole');
  const statements = [
    ...(others.length === 0 ? [] : [{ Effect: 'Allow', Action: others, Resource: '*' }]),
    ...(passes ? [{ Effect: 'Allow', Action: ['iam:PassRole'], Resource: [...passedRoleArns] }] : []),
  ];
  return statements.length === 0 ? null : { Version: '2012-10-17', Statement: statements };
}
