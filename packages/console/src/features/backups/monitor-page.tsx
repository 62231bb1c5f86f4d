import type { Backup } from '@cpm/contract';
import { Button } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { formatDuration } from '../../app/moments.ts';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TextLink } from '../../ui/links.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { Paging } from '../../ui/paging.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { Meter, Status } from '../../ui/status.tsx';
import { FirstSteps } from './first-steps.tsx';
import { MonitorFilters } from './monitor-filters.tsx';
import { DEFAULT_SORT, isFiltered, type MonitorSearch } from './monitor-search.ts';
import classes from './monitor-page.module.css';
import { backupsQuery, PHASE_WORDS, toneOfBackup } from './queries.ts';

const route = getRouteApi('/inside/backups');

/** The Backup Monitor: every backup with its outcome, live. */
export function MonitorPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch, isPlaceholderData } = useQuery(backupsQuery(search));
  const change = (part: Partial<MonitorSearch>) =>
    void navigate({ search: (now) => ({ ...now, cursor: undefined, ...part }) });
  const isEmpty = data?.items.length === 0;
  if (isEmpty && !isFiltered(search) && !search.deleted && search.cursor === undefined) return <FirstSteps />;
  return (
    <Page title="Backup Monitor" actions={<ZoneSwitch />}>
      <Panel flush>
        <MonitorFilters search={search} onChange={change} />
        {error && !data && (
          <div className={classes.pad}>
            <ProblemNotice error={error} onRetry={() => void refetch()} />
          </div>
        )}
        {isEmpty && <NoMatch onClear={() => void navigate({ search: {} })} />}
        {!isEmpty && !(error && !data) && (
          <div className={classes.rows} data-stale={isPlaceholderData || undefined}>
            <DataTable
              label="Backups"
              columns={COLUMNS}
              rows={data?.items}
              rowId={({ id }) => id}
              sort={search.sort ?? DEFAULT_SORT}
              onSort={(sort) => change({ sort: sort === DEFAULT_SORT ? undefined : (sort as MonitorSearch['sort']) })}
            />
          </div>
        )}
        {data && !isEmpty && (
          <Paging
            search={search}
            next={data.next}
            shown={data.items.length}
            noun="backup"
            onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
          />
        )}
      </Panel>
    </Page>
  );
}

function NoMatch({ onClear }: { readonly onClear: () => void }) {
  return (
    <EmptyState
      Sign={IconFilterOff}
      title="No backup matches"
      action={
        <Button variant="default" onClick={onClear}>
          Clear the filters
        </Button>
      }
    >
      There are backups, but none for this policy, status and time.
    </EmptyState>
  );
}

const COLUMNS: readonly Column<Backup>[] = [
  {
    id: 'status',
    header: 'Status',
    sortKey: 'status',
    cell: (backup) => <BackupStatusCell backup={backup} />,
  },
  {
    id: 'policy',
    header: 'Policy',
    wrap: true,
    sortKey: 'policy',
    cell: ({ policy }) =>
      policy.id === null ? (
        policy.name
      ) : (
        <TextLink to="/policies/$policyId" params={{ policyId: policy.id }}>
          {policy.name}
        </TextLink>
      ),
  },
  { id: 'account', header: 'Account', wrap: true, sortKey: 'account', cell: ({ account }) => account.name },
  { id: 'started', header: 'Start', sortKey: 'startedAt', cell: ({ startedAt }) => <Moment at={startedAt} /> },
  { id: 'ended', header: 'End', sortKey: 'endedAt', cell: ({ endedAt }) => <Moment at={endedAt} /> },
  {
    id: 'duration',
    header: 'Took',
    align: 'end',
    cell: ({ startedAt, endedAt }) =>
      endedAt === null ? '–' : formatDuration(Date.parse(endedAt) - Date.parse(startedAt)),
  },
  {
    id: 'snapshots',
    header: 'Snapshots',
    align: 'end',
    cell: ({ snapshotCount, sizeGiB }) => `${snapshotCount}, ${sizeGiB} GiB`,
  },
  { id: 'trigger', header: 'Started by', cell: ({ trigger }) => (trigger === 'schedule' ? 'Schedule' : 'Run now') },
];

/** The status as a link to the backup, with a bar while it runs and what became of it where it is gone. */
function BackupStatusCell({ backup }: { readonly backup: Backup }) {
  const { id, status, statusText, progressPercent, phase, deletion } = backup;
  const isRunning = status === 'in-progress';
  return (
    <div className={classes.status}>
      <TextLink to="/backups/$backupId" params={{ backupId: id }} isPlain>
        <Status tone={toneOfBackup(status)} text={statusText} />
      </TextLink>
      {isRunning && <Meter percent={progressPercent} label={`Progress of the backup: ${PHASE_WORDS[phase]}`} />}
      {deletion && (
        <span className={classes.note}>
          {deletion.state === 'deleted' ? 'Deleted' : 'Being deleted'}: {deletion.reason}
        </span>
      )}
    </div>
  );
}
