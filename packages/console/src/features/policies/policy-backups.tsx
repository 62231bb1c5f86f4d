import type { Backup } from '@cpm/contract';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TextLink } from '../../ui/links.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { Status } from '../../ui/status.tsx';
import { policyBackupsQuery, toneOfBackup } from '../backups/queries.ts';

const COLUMNS: readonly Column<Backup>[] = [
  {
    id: 'status',
    header: 'Status',
    cell: ({ id, status, statusText, progressPercent }) => (
      <TextLink to="/backups/$backupId" params={{ backupId: id }} isPlain>
        <Status
          tone={toneOfBackup(status)}
          text={statusText}
          percent={status === 'in-progress' && !statusText.includes('%') ? progressPercent : undefined}
        />
      </TextLink>
    ),
  },
  { id: 'started', header: 'Start', cell: ({ startedAt }) => <Moment at={startedAt} /> },
  { id: 'ended', header: 'End', cell: ({ endedAt }) => <Moment at={endedAt} /> },
  { id: 'snapshots', header: 'Snapshots', align: 'end', cell: ({ snapshotCount }) => snapshotCount },
  { id: 'generation', header: 'Counts as generation', cell: ({ isGeneration }) => (isGeneration ? 'Yes' : 'No') },
];

/** The ten newest backups of a policy, live. */
export function PolicyBackups({ policyId }: { readonly policyId: string }) {
  const { data, error, refetch } = useQuery(policyBackupsQuery(policyId));
  const all = (
    <TextLink to="/backups" search={{ policyId }}>
      All in the Backup Monitor
    </TextLink>
  );
  return (
    <Panel title="Newest backups" tools={all} flush>
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <EmptyState Sign={IconHistory} title="No backup yet">
          Run the policy now, or wait for its schedule.
        </EmptyState>
      )}
      {!(error && !data) && data?.items.length !== 0 && (
        <DataTable
          label="Newest backups"
          columns={COLUMNS}
          rows={data?.items}
          rowId={({ id }) => id}
          skeletonRows={3}
        />
      )}
    </Panel>
  );
}
