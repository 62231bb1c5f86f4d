import type { ReconciliationFinding } from '@cpm/contract';
import { SegmentedControl } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CopyableId } from '../../ui/copy-text.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { TextLink } from '../../ui/links.tsx';
import { Moment } from '../../ui/moment.tsx';
import { PagedList } from '../../ui/paged-list.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { findingsQuery } from './queries.ts';
import classes from './reconciliation-page.module.css';

const route = getRouteApi('/inside/reconciliation');

/** Where AWS and the records differ, or did. */
export function Findings() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const show = (state: 'all' | undefined) => void navigate({ search: { limit: search.limit, state }, replace: true });
  return (
    <PagedList
      noun="finding"
      label="Findings"
      title="Findings"
      tools={
        <SegmentedControl
          size="xs"
          aria-label="Which findings"
          value={search.state ?? 'open'}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'all', label: 'Open and settled' },
          ]}
          onChange={(next) => show(next === 'all' ? next : undefined)}
        />
      }
      query={useQuery(findingsQuery(search))}
      columns={COLUMNS}
      rowId={({ id }) => id}
      search={search}
      onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
      empty={{
        Sign: IconCircleCheck,
        title: search.state === 'all' ? 'Nothing was ever found' : 'No difference is open',
        text: 'AWS and the records agree, as far as they were compared.',
      }}
    />
  );
}

const KINDS: Record<ReconciliationFinding['kind'], readonly [Tone, string]> = {
  adopted: ['good', 'Adopted'],
  leftover: ['quiet', 'Left over, removed'],
  unknown: ['warning', 'Unknown to the records'],
  vanished: ['bad', 'Vanished from AWS'],
};

const COLUMNS: readonly Column<ReconciliationFinding>[] = [
  {
    id: 'kind',
    header: 'What',
    wrap: true,
    cell: ({ kind, message }) => (
      <div className={classes.cell}>
        <Status tone={KINDS[kind][0]} text={KINDS[kind][1]} />
        <span className={classes.quiet}>{message}</span>
      </div>
    ),
  },
  { id: 'snapshot', header: 'Snapshot', wrap: true, cell: ({ awsSnapshotId }) => <CopyableId id={awsSnapshotId} /> },
  { id: 'where', header: 'Where', wrap: true, cell: ({ account, region }) => `${account.name} · ${region}` },
  {
    id: 'backup',
    header: 'Backup',
    cell: ({ backupId }) =>
      backupId === null ? (
        '–'
      ) : (
        <TextLink to="/backups/$backupId" params={{ backupId }}>
          Open the backup
        </TextLink>
      ),
  },
  { id: 'seen', header: 'First seen', cell: ({ firstSeenAt }) => <Moment at={firstSeenAt} /> },
  {
    id: 'settled',
    header: 'Settled',
    cell: ({ resolvedAt }) => (resolvedAt === null ? 'Open' : <Moment at={resolvedAt} />),
  },
];
