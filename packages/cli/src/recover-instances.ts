import type { BackedUpResource, Recovery } from '@cpm/contract';
import { EXIT_CODES, type ExitCode } from '@cpm/core';
import { defineCommand, flag, many, wrongInput } from './command.ts';
import { backupArgument, backupPolicy } from './input/backup-choice.ts';
import { chooseInstance } from './input/choose-snapshot.ts';
import { findBackup, readAll, readResources } from './input/find.ts';
import { askRecoveryCredentials, CREDENTIALS_NOTE, recoveryCredentialOptions } from './input/recovery-credentials.ts';
import { sendOnce } from './input/send-once.ts';
import { follow } from './terminal/follow.ts';
import type { Printer } from './terminal/print.ts';
import { recoveryColumns } from './views/recovery.ts';

export const command = defineCommand({
  args: { backup: backupArgument },
  options: {
    policy: backupPolicy,
    instance: many('--instance <id>', 'AWS id or name of a backed-up instance; may be given several times.'),
    all: flag('--all', 'Every instance of the backup.'),
    withoutTags: flag('--without-tags', 'Do not give them the tags that were backed up.'),
    ...recoveryCredentialOptions,
    wait: flag('--wait', 'Wait for all outcomes; the exit code tells them together (see cpm help exit-codes).'),
  },
  notes: [
    'Each comes back as it was backed up, as a recovery of its own. All are checked first, together: nothing is made',
    'unless every one of them can be. For other settings use cpm recover instance, one by one.',
    CREDENTIALS_NOTE,
  ].join('\n'),
  examples: [
    'cpm recover instances latest --policy web --all --wait',
    'cpm recover instances latest --policy web --instance web-1 --instance web-2',
  ],
  run: async (surroundings) => {
    const { api, args, options, io, print } = surroundings;
    const { id: backupId } = await findBackup(api, { ...args, policy: options.policy, mustBeRecoverable: true });
    const chosen = chooseInstances(await readResources(api, backupId), options, print);
    const instances = chosen.map(({ id }) => ({ resourceId: id, preserveTags: !options.withoutTags }));
    const params = { backupId };
    const body = { instances, credentials: await askRecoveryCredentials(io, options) };
    const { items } = await sendOnce((idempotencyKey) =>
      api('POST /backups/:backupId/recoveries/several-instances', { params, body, idempotencyKey }),
    );
    const ended = options.wait ? await followAll(surroundings, items) : items;
    print.page({ items: ended }, recoveryColumns, ({ id }) => id);
    if (!options.wait) return undefined;
    const { exitCode, sentence } = summarize(ended);
    print.note(sentence);
    return exitCode;
  },
});

type Choice = { readonly instance: readonly string[]; readonly all: boolean };

/** The named ones; or all that can come back, and a word of each that cannot. */
function chooseInstances(
  resources: readonly BackedUpResource[],
  { instance, all }: Choice,
  print: Pick<Printer, 'note'>,
): BackedUpResource[] {
  if (all && instance.length > 0) throw wrongInput('--all', 'it contradicts --instance');
  if (!all && instance.length === 0) throw wrongInput('--instance', 'name at least one, or all of them with --all');
  if (!all) return instance.map((name) => chooseInstance(resources, name));
  const instances = resources.filter(({ kind }) => kind === 'instance');
  const found = instances.filter(({ canRecoverInstance }) => canRecoverInstance);
  if (found.length === 0) throw wrongInput('--all', 'the backup holds no instance that can come back');
  for (const { resourceId, resourceName, message, cannotRecoverBecause } of instances) {
    if (cannotRecoverBecause === null) continue;
    const name = resourceName === '' ? resourceId : `${resourceName} (${resourceId})`;
    print.note(`${name} stays out: ${message ?? cannotRecoverBecause}`);
  }
  return found;
}

type Surroundings = Parameters<typeof command.start>[0];

async function followAll({ api, io, global }: Surroundings, started: readonly Recovery[]): Promise<Recovery[]> {
  const groupId = started[0]?.groupId ?? undefined;
  const read = async () => {
    const { items } = await readAll((query) => api('GET /recoveries', { query: { ...query, groupId } }));
    const isRunning = items.some(({ status }) => status === 'in-progress');
    const progressPercent = Math.round(
      items.reduce((sum, each) => sum + each.progressPercent, 0) / Math.max(1, items.length),
    );
    return { items: [...items], status: isRunning ? 'in-progress' : 'ended', progressPercent };
  };
  const describe = ({ items }: Awaited<ReturnType<typeof read>>) => {
    const open = items.filter(({ status }) => status === 'in-progress').length;
    return `${items.length - open} of ${items.length} ended`;
  };
  const { items } = await follow({ io, global, read, describe, lookAgain: 'cpm recovery list' });
  const order = new Map(started.map(({ id }, index) => [id, index]));
  return items.toSorted((one, other) => (order.get(one.id) ?? 0) - (order.get(other.id) ?? 0));
}

/** What came of all of them in one sentence and one exit code: some that ended well beside others are a partial success. */
function summarize(ended: readonly Recovery[]): { readonly exitCode: ExitCode; readonly sentence: string } {
  const count = (status: Recovery['status']) => ended.filter((each) => each.status === status).length;
  const [good, partial, failed] = [count('successful'), count('partial'), count('failed')];
  const { ok, backupPartial, backupFailed } = EXIT_CODES;
  const exitCode = good === ended.length ? ok : failed === ended.length ? backupFailed : backupPartial;
  return { exitCode, sentence: `${good} of ${ended.length} successful, ${partial} partially, ${failed} failed.` };
}
