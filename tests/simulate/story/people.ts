import { ApiError } from '@cpm/contract';
import type { CallInput, KnownCall } from '@cpm/contract';
import { AwsRefusal, type Shape } from '../../../packages/simulator/src/testing/driver.ts';
import { IMAGE, type Asset } from './estate.ts';
import { notePolicy, noteSchedule, targetOf, type Town, type TownPolicy, type TownSchedule } from './town.ts';
import { writeScripts } from './scripts.ts';
import { wishPolicy, wishRule } from './wishes.ts';

/** Asks CPM for something that it may well refuse; answers null then. */
async function ask<Call extends keyof KnownCall>(town: Town, call: Call, input: CallInput<Call>) {
  try {
    return await town.stage.anna.call(call, input);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    town.count(`refused: ${call} ${error.problem.code}`);
    return null;
  }
}

export async function addSchedule(town: Town): Promise<void> {
  const name = `schedule-${town.serial()}`;
  const rule = wishRule(town.chance, town.stage.clock.now());
  const made = await town.stage.anna.call('POST /schedules', { body: { name, ...rule } });
  const schedule = { id: made.id, name, rule };
  town.schedules.push(schedule);
  noteSchedule(town, schedule);
}

export async function addPolicy(town: Town): Promise<void> {
  const { chance, stage, policies, schedules } = town;
  const name = `policy-${town.serial()}`;
  const scheduleIds = chance.some(schedules, chance.between(1, 2)).map(({ id }) => id);
  const wish = wishPolicy(chance);
  const runner = chance.happens(0.25) ? ('server' as const) : ('none' as const);
  if (runner === 'server') await writeScripts(chance, stage.scriptsDir, name);
  const body = { name, accountId: town.accountId(), scheduleIds, scripts: { runner }, ...wish };
  const made = await stage.anna.call('POST /policies', { body });
  const policy = { id: made.id, name, scheduleIds, enabled: true, generations: wish.generations };
  policies.push(policy);
  notePolicy(town, policy);
  await addTargets(town, policy, chance.between(1, 2));
}

const ofPolicy = (policy: TownPolicy) => ({ params: { policyId: policy.id } });

export async function runNow(town: Town): Promise<void> {
  if (town.policies.length === 0) return;
  await ask(town, 'POST /policies/:policyId/run', ofPolicy(town.chance.pick(town.policies)));
}

/** Starts a backup and thinks better of it, at once or a moment later. */
export async function runAndAbort(town: Town): Promise<void> {
  const { chance, stage, policies } = town;
  if (policies.length === 0) return;
  const started = await ask(town, 'POST /policies/:policyId/run', ofPolicy(chance.pick(policies)));
  if (started === null) return;
  await stage.driver.moveTo(stage.clock.monotonicMs() + chance.pick([1, 300, 2_000, 20_000]));
  await ask(town, 'POST /backups/:backupId/abort', { params: { backupId: started.backupId } });
}

/** Keeps one of the backups for good. */
export async function freeze(town: Town): Promise<void> {
  const { items } = await town.stage.anna.call('GET /backups', { query: { limit: 200 } });
  const open = items.filter(
    ({ deletion, frozen, status }) => deletion === null && frozen === null && status === 'successful',
  );
  if (open.length === 0) return;
  // In an order that no id made by chance has a part in.
  const ordered = open.toSorted((a, b) =>
    `${a.startedAt} ${a.policy.name}` < `${b.startedAt} ${b.policy.name}` ? -1 : 1,
  );
  const body = { name: `kept-${town.serial()}` };
  await ask(town, 'POST /backups/:backupId/freeze', { params: { backupId: town.chance.pick(ordered).id }, body });
}

export async function togglePolicy(town: Town): Promise<void> {
  if (town.policies.length === 0) return;
  const policy = town.chance.pick(town.policies);
  const enabled = !policy.enabled;
  if ((await ask(town, 'PATCH /policies/:policyId', { ...ofPolicy(policy), body: { enabled } })) === null) return;
  policy.enabled = enabled;
  notePolicy(town, policy);
}

export async function changeGenerations(town: Town): Promise<void> {
  if (town.policies.length === 0) return;
  const policy = town.chance.pick(town.policies);
  const generations = town.chance.between(1, 5);
  const preview = await ask(town, 'GET /policies/:policyId/retention', { ...ofPolicy(policy), query: { generations } });
  const body = { generations, confirmDeletions: preview?.deletes.backups ?? 0 };
  if ((await ask(town, 'PATCH /policies/:policyId', { ...ofPolicy(policy), body })) === null) return;
  policy.generations = generations;
  notePolicy(town, policy);
}

export async function saveSchedule(town: Town, schedule: TownSchedule): Promise<void> {
  const body = { name: schedule.name, ...schedule.rule };
  const saved = await ask(town, 'PUT /schedules/:scheduleId', { params: { scheduleId: schedule.id }, body });
  if (saved !== null) noteSchedule(town, schedule);
}

export async function changeSchedule(town: Town): Promise<void> {
  const { chance, schedules, stage } = town;
  const schedule = chance.pick(schedules);
  const rule = chance.happens(0.5)
    ? { ...schedule.rule, enabled: schedule.rule.enabled !== true }
    : wishRule(chance, stage.clock.now());
  schedule.rule = rule;
  await saveSchedule(town, schedule);
}

export async function addTarget(town: Town): Promise<void> {
  if (town.policies.length > 0) await addTargets(town, town.chance.pick(town.policies), 1);
}

/** Takes some of what no other policy backs up. */
async function addTargets(town: Town, policy: TownPolicy, count: number): Promise<void> {
  const free = town.assets.filter(({ id }) => [undefined, policy.id].includes(town.holders.get(id)));
  const chosen = town.chance.some(free, count);
  if (chosen.length === 0) return;
  for (const { id } of chosen) town.holders.set(id, policy.id);
  const targets = chosen.map((asset) => targetOf(asset));
  await ask(town, 'POST /policies/:policyId/targets', { ...ofPolicy(policy), body: { targets } });
}

export async function removeTarget(town: Town): Promise<void> {
  if (town.policies.length === 0) return;
  const policy = town.chance.pick(town.policies);
  const { items } = await town.stage.anna.call('GET /policies/:policyId/targets', { ...ofPolicy(policy), query: {} });
  if (items.length === 0) return;
  // Their ids are chosen by chance that no seed fixes: choose by what they stand for.
  const target = town.chance.pick(items.toSorted((a, b) => (a.resourceId < b.resourceId ? -1 : 1)));
  await ask(town, 'DELETE /policies/:policyId/targets/:targetId', {
    params: { policyId: policy.id, targetId: target.id },
  });
}

export async function removePolicy(town: Town): Promise<void> {
  if (town.policies.length < 2) return;
  const policy = town.chance.pick(town.policies);
  const goes = await town.stage.anna.call('GET /policies/:policyId/deletion', ofPolicy(policy));
  const removed = await ask(town, 'DELETE /policies/:policyId', {
    ...ofPolicy(policy),
    query: { backups: goes.backups.length },
  });
  if (removed === null) return;
  town.policies.splice(town.policies.indexOf(policy), 1);
  town.slots.dropPolicy(policy.id);
}

/** An instance or a volume goes for good, and with it nothing that CPM has made of it. */
export async function loseAsset(town: Town): Promise<void> {
  const { chance, assets } = town;
  // A cluster does not go before its members.
  const single = assets.filter(({ kind }) => kind !== 'database-cluster');
  if (single.length < 2) return;
  const asset = chance.pick(single);
  const { region, id } = asset;
  const losses = {
    instance: () => town.act(region, 'TerminateInstances', { InstanceIds: [id] }),
    volume: () => town.act(region, 'DeleteVolume', { VolumeId: id }),
    database: () => town.act(region, 'DeleteDBInstance', { DBInstanceIdentifier: id, SkipFinalSnapshot: true }, 'rds'),
    'redshift-cluster': () =>
      town.act(region, 'DeleteCluster', { ClusterIdentifier: id, SkipFinalClusterSnapshot: true }, 'redshift'),
  };
  if (asset.kind === 'database-cluster') return;
  const lost = await losses[asset.kind]().catch(refusalOf);
  // What AWS is just taking a snapshot of cannot go.
  if (lost instanceof AwsRefusal) town.count(`refused by AWS: ${lost.code}`);
  else assets.splice(assets.indexOf(asset), 1);
}

function refusalOf(error: unknown): AwsRefusal {
  if (error instanceof AwsRefusal) return error;
  throw error;
}

export async function gainAsset(town: Town): Promise<void> {
  const region = town.chance.pick([...new Set(town.assets.map((asset) => asset.region))]);
  const name = `new-${region}-${town.names.size}`;
  const asset = town.chance.happens(0.5) ? await launch(town, region, name) : await makeVolume(town, region, name);
  town.assets.push(asset);
}

const tagged = (type: string, name: string) => [{ ResourceType: type, Tags: [{ Key: 'Name', Value: name }] }];

async function makeVolume(town: Town, region: string, name: string): Promise<Asset> {
  const input = { AvailabilityZone: `${region}a`, Size: 12, TagSpecifications: tagged('volume', name) };
  const id = String((await town.act(region, 'CreateVolume', input)).VolumeId);
  town.names.set(id, name);
  return { kind: 'volume', id, name, region, volumeIds: [id] };
}

async function launch(town: Town, region: string, name: string): Promise<Asset> {
  const { Images } = await town.act(region, 'DescribeImages', {
    Filters: [{ Name: 'name', Values: [`${IMAGE}*x86_64`] }],
  });
  const ids = Array.from((Images ?? []) as readonly Shape[])
    .map(({ ImageId }) => String(ImageId))
    .toSorted((a, b) => (a < b ? -1 : 1));
  const input = {
    ImageId: ids[0],
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: tagged('instance', name),
  };
  const { Instances } = await town.act(region, 'RunInstances', input);
  const id = String(Instances?.[0]?.InstanceId);
  town.names.set(id, name);
  const volumes = await town.stage.aws.things({ type: 'volume', region });
  const volumeIds = volumes
    .filter(({ attachments = [] }) => attachments.some(({ instanceId }) => instanceId === id))
    .map((volume) => volume.id);
  for (const volumeId of volumeIds) town.names.set(volumeId, `${name} disk`);
  return { kind: 'instance', id, name, region, volumeIds };
}
