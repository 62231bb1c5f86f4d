import type { Instant, SnapshotState } from '@cpm/core';
import type { SeenSnapshot } from './send-database-attempt.ts';
import type { SnapshotRow, SnapshotUpdate } from './snapshots.store.ts';

/** What AWS says of the snapshot of a database or cluster, as our record of it. */
export function factsOfNamed(row: SnapshotRow, seen: SeenSnapshot, now: Instant): SnapshotUpdate {
  const state = stateOf(seen.state);
  return {
    id: row.id,
    awsSnapshotId: seen.awsSnapshotId,
    state,
    progressPercent: state === 'completed' ? 100 : (seen.progressPercent ?? row.progressPercent),
    message: messageOf(state, seen.state),
    sizeGiB: seen.sizeGiB ?? row.sizeGiB,
    encrypted: seen.encrypted,
    startedAt: row.startedAt ?? now,
    completedAt: state === 'completed' ? (row.completedAt ?? now) : null,
    absentSince: null,
  };
}

/** AWS's words are free text: what is not known to be an end is waited for (Amazon RDS User Guide, "Viewing the status of snapshots"). */
function stateOf(state: SeenSnapshot['state']): SnapshotState {
  if (state === 'available') return 'completed';
  if (state === 'deleting' || state === 'deleted') return 'missing';
  return state === 'failed' || state === 'cancelled' || state.startsWith('incompatible-') ? 'error' : 'pending';
}

function messageOf(state: SnapshotState, said: string): string | null {
  if (state === 'missing') return `AWS shows it as ${said}: it was deleted outside CPM`;
  return state === 'error' ? `AWS ended it as ${said} and gives no reason; the events of its source may` : null;
}
