import type { Policy } from '@cpm/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { tell } from '../../ui/tell.tsx';
import { backupCountQuery } from './queries.ts';

type DeletePolicyProps = { readonly policy: Policy; readonly opened: boolean; readonly onClose: () => void };

/** Asks for the policy's name before it goes with all its backups, and says how many these are. */
export function DeletePolicy({ policy, opened, onClose }: DeletePolicyProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: count, error: countError } = useQuery({ ...backupCountQuery(policy.id), enabled: opened });
  const remove = useMutation({
    mutationFn: () =>
      call('DELETE /policies/:policyId', { params: { policyId: policy.id }, query: count ? { backups: count } : {} }),
    onError: () => void client.invalidateQueries({ queryKey: ['backups', 'count', policy.id] }),
    onSuccess: async ({ backupsToDelete, snapshotsToDelete }) => {
      await navigate({ to: '/policies' });
      client.removeQueries({ queryKey: ['policies', 'one', policy.id] });
      void client.invalidateQueries({ queryKey: ['policies'] });
      tell(
        `The policy ${policy.name} is deleted; ${backupsToDelete} backups with ${snapshotsToDelete} snapshots are being removed from AWS.`,
      );
    },
  });
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={`Delete the policy ${policy.name}?`}
      actLabel={count ? `Delete the policy and ${count} ${count === 1 ? 'backup' : 'backups'}` : 'Delete the policy'}
      onAct={() => remove.mutate()}
      isBusy={remove.isPending || (count === undefined && countError === null)}
      error={remove.error ?? countError}
      typedName={policy.name}
    >
      {count === undefined ? (
        <p>Counting its backups…</p>
      ) : count === 0 ? (
        <p>It has no backups. Its targets in AWS are not touched.</p>
      ) : (
        <p>
          <strong>
            {count} {count === 1 ? 'backup' : 'backups'} with all snapshots
          </strong>{' '}
          will be deleted from AWS and cannot be recovered afterwards. Its targets are not touched.
        </p>
      )}
    </Confirm>
  );
}
