import type { Backup } from '@cpm/contract';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Column } from '../../ui/data-table.tsx';
import { TextLink } from '../../ui/links.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { Moment } from '../../ui/moment.tsx';
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
  const query = useQuery(policyBackupsQuery(policyId));
  return (
    <ListFrame
      label="Newest backups"
      title="Newest backups"
      tools={
        <TextLink to="/backups" search={{ policyId }}>
          All in the Backup Monitor
        </TextLink>
      }
      query={query}
      rows={query.data?.items}
      rowId={({ id }) => id}
      columns={COLUMNS}
      skeletonRows={3}
      empty={{ Sign: IconHistory, title: 'No backup yet', text: 'Run the policy now, or wait for its schedule.' }}
    />
  );
}
