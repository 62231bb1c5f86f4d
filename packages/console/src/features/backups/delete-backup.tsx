import type { Backup } from '@cpm/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Moment } from '../../ui/moment.tsx';
import { SomeOf } from '../../ui/some-of.tsx';
import { tell } from '../../ui/tell.tsx';
import { backedUpResourcesQuery } from './queries.ts';

type DeleteBackupProps = { readonly backup: Backup; readonly onClose: () => void };

/** Deletes one backup with its snapshots by hand, in the freezer or not, after naming them. */
export function DeleteBackup({ backup, onClose }: DeleteBackupProps) {
  const client = useQueryClient();
  const resources = useQuery(backedUpResourcesQuery(backup.id));
  const snapshots = (resources.data?.items ?? [])
    .flatMap((resource) => resource.snapshots)
    .filter(({ awsSnapshotId, state }) => awsSnapshotId !== null && state !== 'deleted' && state !== 'missing');
  const count = snapshots.length;
  const remove = useMutation({
    mutationFn: () => deleteBackup(backup, count),
    onSuccess: ({ snapshotsToDelete }) => {
      for (const noun of ['backups', 'freezer', 'deletions', 'policies'])
        void client.invalidateQueries({ queryKey: [noun] });
      tell(
        snapshotsToDelete === 0
          ? 'The backup is deleted.'
          : `The backup goes; ${describeCount(snapshotsToDelete)} being deleted from AWS.`,
      );
      onClose();
    },
    onError: () => void resources.refetch(),
  });
  return (
    <Confirm
      opened
      onClose={onClose}
      title={backup.frozen ? `Delete ${backup.frozen.name}?` : `Delete this backup of ${backup.policy.name}?`}
      actLabel={count === 0 ? 'Delete the backup' : `Delete the backup and ${describeCount(count)}`}
      onAct={() => remove.mutate()}
      isBusy={remove.isPending || resources.isPending}
      error={remove.error ?? resources.error}
      {...(backup.frozen ? { typedName: backup.frozen.name } : {})}
    >
      <p>
        The backup that started <Moment at={backup.startedAt} /> cannot be recovered afterwards.{' '}
        {count === 0 ? 'It holds no snapshot in AWS.' : 'These snapshots are deleted from AWS:'}
      </p>
      <SomeOf items={snapshots.map((one) => `${one.awsSnapshotId ?? ''} of ${one.resourceName || one.resourceId}`)} />
      {backup.isGeneration && <p>It counts as a generation of its policy; an older one does not take its place.</p>}
    </Confirm>
  );
}

const describeCount = (count: number): string => (count === 1 ? '1 snapshot' : `${count} snapshots`);

function deleteBackup({ id: backupId, frozen }: Backup, snapshots: number) {
  const input = { params: { backupId }, query: { snapshots } };
  return frozen ? call('DELETE /freezer/:backupId', input) : call('DELETE /backups/:backupId', input);
}
