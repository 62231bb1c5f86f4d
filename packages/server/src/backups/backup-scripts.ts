import { cpmError, type ScriptResults, type ScriptStep, type StepResult } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { FoundScripts } from '../scripts/find-scripts.ts';
import { beginSsmStep } from '../scripts/run-ssm-step.ts';
import { beginServerStep, holdServerStep } from '../scripts/run-server-step.ts';
import type { Alongside } from '../scripts/record-step.ts';
import type { HeldScript } from '../scripts/run-script.ts';
import { listScriptRecords, type ScriptEnd, type ScriptRecord } from '../scripts/scripts.store.ts';
import type { BackupRun } from './backup-run.ts';
import type { BackupRow } from './backups.store.ts';
import { findResources } from './snapshots.store.ts';

/** What runs the three scripts of one backup, looked up before anything is frozen. */
export type BackupScripts = {
  /**
   * Puts a step on record, to be run with what it answers: once in the life of the backup. Answers what is on record when it
   * ran before.
   */
  readonly begin: (step: ScriptStep, argument: Argument) => Promise<BegunScript>;
  /** Gets a step ready, where that is possible, so that it starts at once when it is run; answers how to give that up. */
  readonly hold: (step: ScriptStep, argument: Argument) => Promise<() => void>;
};

/** Answers how it ended, once that is on record, and with it what is written `alongside`. */
export type BegunScript = (alongside?: Alongside) => Promise<StepResult>;

type Argument = '1' | '0' | null;

/** Begins a step and runs it. */
export async function runStep(scripts: BackupScripts, step: ScriptStep, argument: Argument): Promise<StepResult> {
  const run = await scripts.begin(step, argument);
  return run();
}

/** Finds the scripts of a backup; null where its policy has none. */
export async function findBackupScripts(run: BackupRun): Promise<BackupScripts | null> {
  const { context, job, backup, settings } = run;
  const { scripts } = settings;
  if (scripts.runner === 'none') return null;
  if (scripts.runner === 'ssm') return throughSystemsManager(run);
  const found = await findScriptFiles(context, backup);
  const stepOf = (step: ScriptStep, argument: Argument) =>
    ({ backup, step, argument, found: found.steps[step], scripts }) as const;
  const held = new Map<ScriptStep, { readonly argument: Argument; readonly script: HeldScript }>();
  return {
    begin: async (step, argument) => {
      const waiting = held.get(step);
      const ready = waiting?.argument === argument ? waiting.script : null;
      // One that was told otherwise is of no use any more.
      if (ready === null) waiting?.script.drop();
      const run = await beginServerStep(context, job, stepOf(step, argument), ready);
      return async (alongside) => resultOf(await run(alongside));
    },
    hold: async (step, argument) => {
      const script = await holdServerStep(context, job, stepOf(step, argument));
      if (script !== null) held.set(step, { argument, script });
      return () => script?.drop();
    },
  };
}

async function throughSystemsManager({ context, job, backup, settings }: BackupRun): Promise<BackupScripts> {
  const { accountId } = backup;
  const { scripts } = settings;
  const resources = await findResources(context.db, backup.id);
  const instances = resources
    .filter(({ kind, configuration }) => kind === 'instance' && configuration?.state === 'running')
    .map(({ region, resourceId: instanceId }) => ({ region, instanceId }));
  return {
    begin: async (step, argument) => {
      const run = await beginSsmStep(context, job, { backup, step, argument, accountId, scripts, instances });
      return async (alongside) => (run === null ? { ended: 'not-asked' } : resultOf(await run(alongside)));
    },
    hold: async () => () => undefined,
  };
}

/** What the owner's policy of that name has in the scripts directory now. */
export async function findScriptFiles(
  context: ServerContext,
  { ownerId, policyName }: Pick<BackupRow, 'ownerId' | 'policyName'>,
): Promise<FoundScripts> {
  const owner = await context.db
    .selectFrom('users')
    .select(['id', 'name', 'kind'])
    .where('id', '=', ownerId)
    .executeTakeFirst();
  if (owner === undefined) throw cpmError('not_found', { params: { noun: 'user' } });
  const policies = await context.db
    .selectFrom('policies')
    .select('name')
    .where('owner_id', '=', ownerId)
    .where('removed_at', 'is', null)
    .execute();
  const policyNames = policies.map(({ name }) => name);
  return context.scripts.find({ owner, policyName, policyNames });
}

/** What is on record of a backup's scripts, by step. */
export type ScriptRecords = ReadonlyMap<ScriptStep, ScriptRecord>;

export async function findScriptRecords(db: Kysely<Database>, backup: BackupRow): Promise<ScriptRecords> {
  const records = await listScriptRecords(db, backup.ownerId, backup.id);
  return new Map(records.map((record) => [record.step, record]));
}

/** What became of the scripts, for the outcome. */
export function resultsOf({ settings }: BackupRun, records: ScriptRecords): ScriptResults {
  const of = (step: ScriptStep): StepResult => {
    if (settings.scripts.runner === 'none') return { ended: 'not-asked' };
    const record = records.get(step);
    if (record === undefined) return { ended: isAsked(settings.scripts.ssm, step) ? 'not-run' : 'not-asked' };
    if (record.state === 'started') return { ended: 'failed', reason: 'its end was not recorded' };
    return record.state === 'succeeded' ? { ended: 'succeeded' } : failed(record.reason);
  };
  return { before: of('before'), after: of('after'), complete: of('complete') };
}

/** Systems Manager runs what has a text; of the server's scripts all three belong to a policy (SCR-1). */
const isAsked = (ssm: Readonly<Record<ScriptStep, string>> | null, step: ScriptStep): boolean =>
  ssm === null || ssm[step].trim() !== '';

const resultOf = ({ ended, reason }: ScriptEnd): StepResult => (ended === 'succeeded' ? { ended } : failed(reason));

const failed = (reason: string | null): StepResult => ({ ended: 'failed', reason: reason ?? 'it gave no reason' });
