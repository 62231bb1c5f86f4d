import type { RecoverableResource, RecoveryPoint } from '@cpm/contract';
import type { Client } from '@cpm/contract/client';
import { formatInstant, instant, isCpmError, parsePastTime, parseZone, type TargetKind } from '@cpm/core';
import { text, wrongInput } from '../command.ts';
import { specificError } from '../terminal/report-error.ts';
import { formatTime } from '../terminal/time.ts';
import { backupPolicy } from './backup-choice.ts';
import { findBackup, readAll } from './find.ts';

/** The argument of every command that recovers. */
export const sourceArgument = 'id of the backup, or latest with --policy; none with --resource';

/** How a command that recovers names what it is made from: by its backup, or by the resource and a time. */
export const sourceOptions = {
  policy: backupPolicy,
  resource: text('--resource <name>', 'Name or AWS id of what is to come back, instead of a backup.'),
  at: text('--at <time>', 'Its state at that time: its newest backup until then (the newest of all unless told).'),
  timeZone: text('--time-zone <zone>', "The zone of --at, such as Europe/Berlin (the server's unless told)."),
  account: text('--account <account>', 'Name or id of the account of --resource, where several have one of that name.'),
  region: text('--region <region>', 'The region of --resource, where several have one of that name.'),
};

/** What `--help` says of them. */
export const sourceNotes = [
  'latest is the newest backup that holds something to recover. With --resource, --at takes "2026-11-29 10:00",',
  '2026-11-29, yesterday, "yesterday 10:00", "2 days ago" or a time with its offset; a day alone means its end.',
].join('\n');

export type SourceWish = {
  readonly backup: string | undefined;
  readonly policy: string | undefined;
  readonly resource: string | undefined;
  readonly at: string | undefined;
  readonly timeZone: string | undefined;
  readonly account: string | undefined;
  readonly region: string | undefined;
};

/** A backup to recover from; and the resource in it, where that was what the person named. */
export type RecoverySource = {
  readonly backupId: string;
  readonly resourceId: string | null;
  /** What was found, in words; null where the person named a backup. */
  readonly found: string | null;
};

/** Finds the backup that is meant, holding one of the kinds; throws `invalid_request` and `not_found`. */
export async function findSource(api: Client, wish: SourceWish, kinds: readonly TargetKind[]): Promise<RecoverySource> {
  const { backup, policy, resource } = wish;
  if (resource === undefined) {
    for (const [flag, value] of resourceFlags(wish)) {
      if (value !== undefined) throw wrongInput(flag, 'it goes together with --resource');
    }
    if (backup === undefined) throw wrongInput('backup', 'name a backup, or what is to come back with --resource');
    const { id } = await findBackup(api, { backup, policy, mustBeRecoverable: true });
    return { backupId: id, resourceId: null, found: null };
  }
  if (backup !== undefined) throw wrongInput('--resource', 'name a backup or a resource, not both');
  if (policy !== undefined) throw wrongInput('--policy', 'it goes together with latest, not with --resource');
  const found = await findResource(api, { ...wish, name: resource }, kinds);
  const point = await findPoint(api, found, await readTime(api, wish));
  const words = `${found.name} (${found.awsId}) as it was at ${formatTime(point.at)}, backed up by ${point.policyName}`;
  return { backupId: point.backupId, resourceId: point.resourceId, found: words };
}

const resourceFlags = ({ at, timeZone, account, region }: SourceWish) =>
  [
    ['--at', at],
    ['--time-zone', timeZone],
    ['--account', account],
    ['--region', region],
  ] as const;

type ResourceWish = {
  readonly name: string;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
};

/** The one thing of that name or AWS id that can be brought back; throws `not_found`, and `invalid_request` with all where there are several. */
export async function findResource(
  api: Client,
  { name, account, region }: ResourceWish,
  kinds: readonly TargetKind[],
): Promise<RecoverableResource> {
  const { items } = await readAll((query) => api('GET /recoverable-resources', { query: { ...query, search: name } }));
  const fitting = items.filter(
    (each) =>
      kinds.includes(each.kind) &&
      (region === undefined || each.region === region) &&
      (account === undefined || each.accountName === account || each.accountId === account),
  );
  const named = fitting.filter((each) => each.name === name || each.awsId === name);
  const [first, ...others] = named;
  if (first !== undefined && others.length === 0) return first;
  const list = (each: readonly RecoverableResource[]) => each.map(describeResource).join('; ');
  if (first !== undefined) {
    throw wrongInput(
      '--resource',
      `several are called ${name}: ${list(named)}. Name its AWS id, or narrow it with --region or --account`,
    );
  }
  const close = fitting.slice(0, 5);
  const hint =
    close.length === 0
      ? 'See what there is with: cpm recovery resources; and why a backup cannot bring something back with: cpm backup recoverable'
      : `There ${close.length === 1 ? 'is' : 'are'}: ${list(close)}.`;
  throw specificError('not_found', `Nothing called ${name} can be brought back this way.`, hint);
}

const describeResource = ({ kind, name, awsId, region, accountName }: RecoverableResource): string =>
  `${kind} ${name === awsId ? name : `${name} (${awsId})`} in ${region}, account ${accountName}`;

/** The newest backup of a resource until then; throws `not_found`. */
async function findPoint(
  api: Client,
  resource: RecoverableResource,
  before: string | undefined,
): Promise<RecoveryPoint> {
  const { accountId, kind, region, awsId } = resource;
  const query = { accountId, kind, region, awsId, before, limit: 1 };
  const [point] = (await api('GET /recovery-points', { query })).items;
  if (point !== undefined) return point;
  throw specificError(
    'not_found',
    `${resource.name} has no backup until ${before === undefined ? 'now' : formatTime(before)}.`,
    `The oldest that can be used is of ${formatTime(resource.oldestAt)}.`,
  );
}

/** The time of `--at` as the API takes it, reckoned by the zone of `--time-zone` or the server's; throws `invalid_request`. */
export async function readTime(
  api: Client,
  { at, timeZone }: { readonly at: string | undefined; readonly timeZone: string | undefined },
): Promise<string | undefined> {
  if (at === undefined) {
    if (timeZone !== undefined) throw wrongInput('--time-zone', 'it goes together with --at');
    return undefined;
  }
  const zone = orWrong('--time-zone', () => (timeZone === undefined ? null : parseZone(timeZone)));
  const serverZone = zone ?? parseZone((await api('GET /session', {})).serverZone);
  return orWrong('--at', () => formatInstant(parsePastTime(at, { now: instant(Date.now()), zone: serverZone })));
}

/** What core refuses, under the name of the option that it came from. */
function orWrong<Value>(flag: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!isCpmError(error)) throw error;
    throw wrongInput(flag, error.fields.map(({ message }) => message).join('; '));
  }
}
