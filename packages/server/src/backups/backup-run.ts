import type { PolicyScripts } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Database } from '../db/schema.ts';
import type { JobContext } from '../engine/job-kind.ts';
import type { TargetRow } from '../policies/targets.store.ts';
import type { BackupRow } from './backups.store.ts';

/** What of its policy a backup keeps to from its start to its end. */
export type RunSettings = { readonly scripts: PolicyScripts; readonly copySourceTags: boolean };

/** A running backup in the hands of its job. */
export type BackupRun = {
  readonly context: ServerContext;
  readonly job: JobContext<Database>;
  readonly backup: BackupRow;
  readonly settings: RunSettings;
  readonly targets: readonly TargetRow[];
  /** Why nothing of it was begun; null where it was. */
  readonly obstacle: string | null;
};

/** The regions of a backup's targets, in the one order in which everybody takes reservations. */
export const regionsOf = ({ targets }: BackupRun): string[] =>
  [...new Set(targets.map(({ target }) => target.region))].toSorted();
