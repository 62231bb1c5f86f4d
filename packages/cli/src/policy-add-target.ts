import { defineCommand, many, needed, wrongInput } from './command.ts';
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
    volumes: targetVolumes,
  },
  notes: 'All are added, or none. Without --volumes all attached volumes of an instance are backed up.',
  examples: [
    'cpm policy add-target web --region eu-central-1 --instance i-0123456789abcdef0',
    'cpm policy add-target web --region eu-central-1 --instance i-0123456789abcdef0 --volumes vol-0123456789abcdef0',
    'cpm policy add-target web --region us-east-1 --volume vol-0123456789abcdef0 --volume vol-0fedcba9876543210',
  ],
  run: async ({ api, args, options, print }) => {
    const { region, instance, volume, volumes } = options;
    if (instance.length + volume.length === 0) throw wrongInput('--instance', 'name an instance or a volume');
    const { id: policyId } = await findPolicy(api, args.policy);
    const targets = [
      ...instance.map((resourceId) => ({ kind: 'instance' as const, region, resourceId, volumes })),
      ...volume.map((resourceId) => ({ kind: 'volume' as const, region, resourceId })),
    ];
    const added = await sendOnce((idempotencyKey) =>
      api('POST /policies/:policyId/targets', { params: { policyId }, body: { targets }, idempotencyKey }),
    );
    print.page(added, targetColumns, (target) => target.id);
  },
});
