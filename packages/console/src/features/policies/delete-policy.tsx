import type { Policy, PolicyDeletion } from '@cpm/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { TextLink } from '../../ui/links.tsx';
import { Moment } from '../../ui/moment.tsx';
import { SomeOf } from '../../ui/some-of.tsx';
import { tell } from '../../ui/tell.tsx';
import { policyDeletionQuery } from './queries.ts';

type DeletePolicyProps = { readonly policy: Policy; readonly onClose: () => void };

/** Asks for the policy's name before it goes with all its backups, and names these and what stays in the freezer. */
export function DeletePolicy({ policy, onClose }: DeletePolicyProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const preview = useQuery(policyDeletionQuery(policy.id));
  const count = preview.data?.backups.length;
  const remove = useMutation({
    mutationFn: () =>
      call('DELETE /policies/:policyId', { params: { policyId: policy.id }, query: count ? { backups: count } : {} }),
    onError: () => void preview.refetch(),
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
      opened
      onClose={onClose}
      title={`Delete the policy ${policy.name}?`}
      actLabel={count ? `Delete the policy and ${count} ${count === 1 ? 'backup' : 'backups'}` : 'Delete the policy'}
      onAct={() => remove.mutate()}
      isBusy={remove.isPending || preview.isPending}
      error={remove.error ?? preview.error}
      typedName={policy.name}
    >
      {preview.data ? <Consequence {...preview.data} /> : <p>Counting its backups…</p>}
    </Confirm>
  );
}

function Consequence({ backups, snapshots, frozen }: PolicyDeletion) {
  return (
    <>
      {backups.length === 0 ? (
        <p>It has no backups that go with it. Its targets in AWS are not touched.</p>
      ) : (
        <p>
          <strong>
            {backups.length} {backups.length === 1 ? 'backup' : 'backups'} with {snapshots}{' '}
            {snapshots === 1 ? 'snapshot' : 'snapshots'}
          </strong>{' '}
          will be deleted from AWS and cannot be recovered afterwards. Its targets are not touched.
        </p>
      )}
      <SomeOf
        items={backups.map(({ backupId, startedAt, snapshots: held }) => (
          <span key={backupId}>
            <Moment at={startedAt} />: {held.map(({ awsSnapshotId }) => awsSnapshotId).join(', ') || 'no snapshot'}
          </span>
        ))}
      />
      {frozen > 0 && (
        <p>
          {frozen === 1 ? 'One backup stays' : `${frozen} backups stay`} in the{' '}
          <TextLink to="/freezer">freezer</TextLink> and can be recovered from there.
        </p>
      )}
    </>
  );
}
