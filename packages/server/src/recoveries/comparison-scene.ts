import type { AskedInputs, ComparedField } from '@cpm/core';
import type { ResourceRow, SnapshotRow } from '../backups/snapshots.store.ts';
import type { ServerContext } from '../context.ts';
import type { RecoveryAccess } from './recovery-access.ts';

/** What a comparison is made with: AWS where the recovery went, and the records of its backup. */
export type ComparisonScene = {
  readonly context: ServerContext;
  readonly access: RecoveryAccess;
  readonly inputs: AskedInputs;
  /** What came back, where the recovery was of one resource. */
  readonly resource: ResourceRow | undefined;
  readonly resources: readonly ResourceRow[];
  readonly snapshots: readonly SnapshotRow[];
};

/** A made thing beside its original; null where AWS does not show it any more. */
export type Compared = { readonly original: string; readonly fields: readonly ComparedField[] } | null;

/** A thing whose original nobody recorded, or whose record is gone with its backup. */
export const unrecorded = (original: string): Compared => ({
  original,
  fields: [{ field: 'configuration', original: 'not recorded', recovered: '', verdict: 'unknown' }],
});

/** The inputs about one snapshot, among those of several volumes. */
export function inputsOf({ inputs }: ComparisonScene, snapshotId: string): AskedInputs {
  const volumes = Array.isArray(inputs['volumes']) ? (inputs['volumes'] as readonly AskedInputs[]) : [];
  return volumes.find((each) => each['snapshotId'] === snapshotId) ?? {};
}
