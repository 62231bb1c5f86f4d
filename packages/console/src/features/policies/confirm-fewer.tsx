import type { RetentionPreview } from '@cpm/contract';
import { Confirm } from '../../ui/confirm.tsx';
import { Moment } from '../../ui/moment.tsx';
import { SomeOf } from '../../ui/some-of.tsx';
import type { PolicyValues } from './policy-values.ts';

/** What saving fewer generations would delete: backups by name, and how many snapshots. */
export type Victims = {
  readonly values: PolicyValues;
  readonly generations: number;
  readonly backups: RetentionPreview['items'];
  readonly deletes: RetentionPreview['deletes'];
};

type ConfirmFewerProps = {
  readonly victims: Victims;
  readonly onClose: () => void;
  readonly onAct: () => void;
  readonly isBusy: boolean;
  readonly error: Error | null;
};

/** Asks before a policy that keeps fewer generations is saved, and names what goes. */
export function ConfirmFewer({ victims: { generations, backups, deletes }, ...confirm }: ConfirmFewerProps) {
  const count = deletes.backups === 1 ? '1 backup' : `${deletes.backups} backups`;
  return (
    <Confirm
      {...confirm}
      opened
      title={`Keep only ${generations} ${generations === 1 ? 'generation' : 'generations'}?`}
      keepLabel="Change nothing"
      actLabel={`Save and delete ${count}`}
    >
      <p>
        <strong>
          {count} with {deletes.snapshots === 1 ? '1 snapshot' : `${deletes.snapshots} snapshots`}
        </strong>{' '}
        will be deleted from AWS, after the next backup of the policy or at the daily clean-up. Once deleted, a higher
        number does not bring them back.
      </p>
      <SomeOf
        items={backups.map(({ backupId, startedAt, snapshots }) => (
          <span key={backupId}>
            <Moment at={startedAt} />
            {snapshots.length > 0 && `: ${snapshots.map(({ awsSnapshotId }) => awsSnapshotId).join(', ')}`}
          </span>
        ))}
      />
    </Confirm>
  );
}
