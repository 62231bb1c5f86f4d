import type { Recovery, RecoveryPlan } from '@cpm/contract';
import type { ExitCode } from '@cpm/core';
import { flag, text, wrongInput } from '../command.ts';
import type { Surroundings } from '../surroundings.ts';
import { chooseResource } from './choose-snapshot.ts';
import { readResources } from './find.ts';
import { showStarted } from './follow-recovery.ts';
import { askRecoveryCredentials, CREDENTIALS_NOTE, recoveryCredentialOptions } from './recovery-credentials.ts';
import { checkPlanOptions, PLAN_NOTE, planOptions, showPlan } from './recovery-plan.ts';
import { findSource, sourceNotes, type SourceWish } from './recovery-source.ts';
import { sendOnce } from './send-once.ts';

/** Names the backed-up cluster. */
export const clusterOption = text(
  '--cluster <id>',
  'Identifier or name of the backed-up cluster; needed where there are several.',
);

/** The last options of every command that recovers a database or a cluster. */
export const endingOptions = {
  ...recoveryCredentialOptions,
  ...planOptions,
  wait: flag('--wait', 'Wait for the outcome; the exit code tells it (see cpm help exit-codes).'),
};

/** What `--help` says of them all. */
export const databaseRecoveryNotes = [
  'What is left out stays as it was backed up; AWS takes minutes to hours. Everything is checked before anything is made.',
  sourceNotes,
  PLAN_NOTE,
  CREDENTIALS_NOTE,
].join('\n');

type Credentials = Awaited<ReturnType<typeof askRecoveryCredentials>>;
type Call<Fields> = {
  readonly params: { readonly backupId: string };
  readonly body: Fields & { readonly credentials: Credentials };
};

type DatabaseRecovery<Fields> = {
  readonly kind: 'database' | 'database-cluster' | 'redshift-cluster';
  /** The option that names the original, and what it was given. */
  readonly option: '--database' | '--cluster';
  readonly named: string | undefined;
  /** What is wished, in the words of the API. */
  readonly fieldsOf: (resourceId: string) => Fields;
  readonly plan: (call: Call<Fields>) => Promise<RecoveryPlan>;
  readonly start: (call: Call<Fields> & { readonly idempotencyKey: string }) => Promise<Recovery>;
};

type Given = Surroundings & {
  readonly args: { readonly backup: string | undefined };
  readonly options: Omit<SourceWish, 'backup'> &
    Parameters<typeof checkPlanOptions>[0] &
    Parameters<typeof askRecoveryCredentials>[1];
};

/** Recovers a database or a cluster out of a backup, or shows what that would be; answers the exit code. */
export async function recoverOneDatabase<Fields>(
  given: Given,
  { kind, option, named, fieldsOf, plan, start }: DatabaseRecovery<Fields>,
): Promise<ExitCode | undefined> {
  const { api, args, options, io, print } = given;
  checkPlanOptions(options);
  if (options.resource !== undefined && named !== undefined)
    throw wrongInput(option, 'it goes together with a backup; --resource names what is to come back');
  const { backupId, resourceId, found } = await findSource(api, { ...args, ...options }, [kind]);
  if (found !== null) print.note(found);
  const resource = chooseResource(await readResources(api, backupId), resourceId ?? named, { kind, option });
  const body = { ...fieldsOf(resource.id), credentials: await askRecoveryCredentials(io, options) };
  const call = { params: { backupId }, body };
  if (options.plan) return showPlan(given, await plan(call));
  const started = await sendOnce((idempotencyKey) => start({ ...call, idempotencyKey }));
  return showStarted(given, started, options.wait);
}
