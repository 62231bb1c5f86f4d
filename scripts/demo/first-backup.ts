import type { Client } from '@cpm/contract';
import { acme } from '@cpm/simulator';
import { addAccount, runAndWatch, say } from './ask-cpm.ts';

/** What a person would do first, through the API: account, schedule, policy, targets, run; a second start finds it all. */
export async function tellFirstBackup(call: Client): Promise<void> {
  const policyId = (await findPolicy(call)) ?? (await setUp(call));
  await runAndWatch(call, policyId);
}

async function findPolicy(call: Client): Promise<string | undefined> {
  const { items } = await call('GET /policies', { query: { name: 'web-servers' } });
  if (items[0] !== undefined) say('The data of an earlier start is here; its policy runs once more.');
  return items[0]?.id;
}

async function setUp(call: Client): Promise<string> {
  const account = await addAccount(call, 'acme-production', acme);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const startLocal = `${new Date().toISOString().slice(0, 10)}T02:00`;
  const schedule = await call('POST /schedules', {
    body: { name: 'nightly', repeat: { every: 1, unit: 'days' }, startLocal, zone },
  });
  say(`Schedule nightly: ${schedule.words}`);
  const policy = await call('POST /policies', {
    body: { name: 'web-servers', accountId: account.id, generations: 7, scheduleIds: [schedule.id] },
  });
  const region = 'us-east-1';
  const params = { accountId: account.id, region };
  const { items } = await call('GET /accounts/:accountId/regions/:region/resources', {
    params,
    query: { kind: 'instance' },
  });
  const web = items.filter(({ name }) => name.startsWith('web'));
  const targets = (web.length > 0 ? web : items.slice(0, 2)).map(({ id }) => ({
    kind: 'instance' as const,
    region,
    resourceId: id,
  }));
  await call('POST /policies/:policyId/targets', { params: { policyId: policy.id }, body: { targets } });
  say(`Policy web-servers: ${targets.length} instances of ${region}, 7 generations`);
  return policy.id;
}
