import { EC2Client, StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import type { Client, NewTarget } from '@cpm/contract';
import { everyKind } from '@cpm/simulator';
import { addAccount, runAndWatch, say } from './ask-cpm.ts';

const REGION = 'us-east-1';
const KINDS = ['instance', 'volume', 'database', 'database-cluster', 'redshift-cluster'] as const;
/** It has no volume, its root being on instance store: its configuration is what there is to back up. */
const WITHOUT_VOLUMES = 'cache';
const TERMINATED = ['bookings', 'ledger', 'gateway', 'queue'];
const STOPPED = ['files'];

const COMMANDS = [
  'recover instance --resource bookings --plan',
  'recover instance --resource bookings --wait',
  'recover instances latest --policy everything --instance ledger --instance gateway --instance queue --wait',
  'recover instance --resource files --private-ip any --wait',
  'recover volume --resource scans --wait',
  'recover database --resource billing --id billing-back --wait',
  'recover database --resource crm --id crm-back --wait',
  'recover database-cluster --resource shop --id shop-back --wait',
  'recover redshift-cluster --resource warehouse --id warehouse-back --wait',
  'recovery list',
  'recovery compare ID',
];

/** Everything in one policy and backed up; then some of it is lost, and the commands are told that bring it back. */
export async function tellEveryKind(call: Client, { serverUrl, awsUrl }: Addresses): Promise<void> {
  const policyId = (await findPolicy(call)) ?? (await setUp(call));
  await runAndWatch(call, policyId);
  await lose(awsUrl);
  say(`\nNow ${TERMINATED.join(', ')} are terminated and ${STOPPED.join(', ')} is stopped. To bring them back, with`);
  say('  cpm() { npm run --silent cpm -- "$@"; }');
  for (const command of [`login --server ${serverUrl} --user admin`, ...COMMANDS]) say(`  cpm ${command}`);
}

export type Addresses = { readonly serverUrl: string; readonly awsUrl: string };

async function findPolicy(call: Client): Promise<string | undefined> {
  const { items } = await call('GET /policies', { query: { name: 'everything' } });
  return items[0]?.id;
}

async function setUp(call: Client): Promise<string> {
  const { id: accountId } = await addAccount(call, 'harbour', everyKind);
  const params = { accountId, region: REGION };
  const lists = await Promise.all(
    KINDS.map(async (kind) => {
      const { items } = await call('GET /accounts/:accountId/regions/:region/resources', { params, query: { kind } });
      // Volumes of instances and members of clusters go with these.
      const own = items.filter(({ attachedTo, cannotBeTarget }) => attachedTo === null && cannotBeTarget === null);
      return own.map(({ id, name }): NewTarget => targetOf(kind, id, name));
    }),
  );
  const targets = lists.flat();
  const body = { name: 'everything', accountId, generations: 7, retries: 0 };
  const { id: policyId } = await call('POST /policies', { body });
  await call('POST /policies/:policyId/targets', { params: { policyId }, body: { targets } });
  say(`Policy everything: ${targets.length} targets of ${KINDS.length} kinds`);
  return policyId;
}

function targetOf(kind: (typeof KINDS)[number], resourceId: string, name: string): NewTarget {
  if (kind !== 'instance') return { kind, region: REGION, resourceId };
  return { kind, region: REGION, resourceId, volumes: { take: name === WITHOUT_VOLUMES ? 'none' : 'all' } };
}

/** What somebody does in AWS on the worst day; what is gone already is no harm. */
async function lose(endpoint: string): Promise<void> {
  const [account] = everyKind.accounts;
  const [key] = account?.accessKeys ?? [];
  const instances = account?.regions?.[REGION]?.instances ?? [];
  if (key === undefined) throw new Error('the estate has no access key');
  const idsOf = (names: readonly string[]) =>
    instances.flatMap(({ id, tags }) => (id !== undefined && names.includes(tags?.['Name'] ?? '') ? [id] : []));
  const ec2 = new EC2Client({ endpoint, region: REGION, credentials: key });
  try {
    await ec2.send(new StopInstancesCommand({ InstanceIds: idsOf(STOPPED) }));
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: idsOf(TERMINATED) }));
  } finally {
    ec2.destroy();
  }
}
