import { defineCommand, many, needed, renameFields, wrongInput } from './command.ts';
import { findPolicy } from './input/find.ts';
import { sendOnce } from './input/send-once.ts';
import { targetVolumes } from './input/target-volumes.ts';
import { targetColumns } from './views/policy.ts';

export const command = defineCommand({
  args: { policy: 'name or id of the policy' },
  options: {
    region: needed('--region <region>', 'Where they are.'),
    instance: many('--instance <id>', 'An instance; may be given several times.'),
    volume: many('--volume <id>', 'An independent volume; may be given several times.'),
    database: many('--database <identifier>', 'An RDS database; may be given several times.'),
    databaseCluster: many('--database-cluster <identifier>', 'An Aurora or Multi-AZ cluster of RDS; likewise.'),
    redshiftCluster: many('--redshift-cluster <identifier>', 'A Redshift cluster; likewise.'),
    volumes: targetVolumes,
  },
  notes: 'All are added, or none. Without --volumes all attached volumes of an instance are backed up.',
  examples: [
    'cpm policy add-target web --region eu-central-1 --instance i-0123456789abcdef0',
    'cpm policy add-target web --region eu-central-1 --instance i-0123456789abcdef0 --volumes vol-0123456789abcdef0',
    'cpm policy add-target web --region us-east-1 --volume vol-0123456789abcdef0 --volume vol-0fedcba9876543210',
    'cpm policy add-target shop --region us-east-1 --database orders --database-cluster shop --redshift-cluster sales',
  ],
  run: async ({ api, args, options, print }) => {
    const { region, volumes } = options;
    const targets = [
      ...options.instance.map((resourceId) => ({ kind: 'instance' as const, region, resourceId, volumes })),
      ...options.volume.map((resourceId) => ({ kind: 'volume' as const, region, resourceId })),
      ...options.database.map((resourceId) => ({ kind: 'database' as const, region, resourceId })),
      ...options.databaseCluster.map((resourceId) => ({ kind: 'database-cluster' as const, region, resourceId })),
      ...options.redshiftCluster.map((resourceId) => ({ kind: 'redshift-cluster' as const, region, resourceId })),
    ];
    if (targets.length === 0) throw wrongInput('--instance', 'name at least one instance, volume, database or cluster');
    const { id: policyId } = await findPolicy(api, args.policy);
    const added = await sendOnce((idempotencyKey) =>
      api('POST /policies/:policyId/targets', { params: { policyId }, body: { targets }, idempotencyKey }),
    ).catch((error: unknown) => {
      throw renameFields(error, (path) => typedTarget(path, targets));
    });
    print.page(added, targetColumns, (target) => target.id);
  },
});

/** The API counts the targets of a request: `targets.1.resourceId` → `--volume vol-0123456789abcdef0`. */
function typedTarget(path: string, targets: readonly { readonly kind: string; readonly resourceId: string }[]) {
  const [, index = '', rest = ''] = /^targets\.(\d+)\.?(\w*)/.exec(path) ?? [];
  const target = index === '' ? undefined : targets[Number(index)];
  if (target === undefined) return undefined;
  if (rest === 'region' || rest === 'volumes') return `--${rest}`;
  return `--${target.kind} ${target.resourceId}`;
}
