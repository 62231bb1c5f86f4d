import type { Backup } from '@cpm/contract';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { formatDuration } from '../../app/moments.ts';
import type { Column } from '../../ui/data-table.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Distance, Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { PagedList } from '../../ui/paged-list.tsx';
import { Meter, Status } from '../../ui/status.tsx';
import { TriggerWords } from './backup-summary.tsx';
import { FirstSteps } from './first-steps.tsx';
import { MonitorFilters } from './monitor-filters.tsx';
import { DEFAULT_SORT, isFiltered, type MonitorSearch } from './monitor-search.ts';
import classes from './monitor-page.module.css';
import { backupsQuery, isRecoverable, PHASE_WORDS, toneOfBackup } from './queries.ts';

const route = getRouteApi('/inside/backups');

/** The Backup Monitor: every backup with its outcome, live. */
export function MonitorPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(backupsQuery(search));
  const change = (part: Partial<MonitorSearch>) =>
    void navigate({ search: (now) => ({ ...now, cursor: undefined, ...part }) });
  const isEmpty = query.data?.items.length === 0;
  if (isEmpty && !isFiltered(search) && !search.deleted && search.cursor === undefined) return <FirstSteps />;
  return (
    <Page title="Backup Monitor" actions={<ZoneSwitch />}>
      <PagedList
        noun="backup"
        label="Backups"
        filters={<MonitorFilters search={search} onChange={change} />}
        query={query}
        columns={COLUMNS}
        rowId={({ id }) => id}
        sort={search.sort ?? DEFAULT_SORT}
        onSort={(sort) => change({ sort: sort === DEFAULT_SORT ? undefined : (sort as MonitorSearch['sort']) })}
        search={search}
        onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
        empty={{ Sign: IconHistory, title: 'No backup yet' }}
        noMatch={{
          title: 'No backup matches',
          text: 'There are backups, but none for this policy, status and time.',
          clearLabel: 'Clear the filters',
          onClear: () => void navigate({ search: {} }),
        }}
      />
    </Page>
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
  { id: 'trigger', header: 'Started by', cell: (backup) => <TriggerWords backup={backup} /> },
  {
    id: 'recover',
    header: 'Recover',
    isHeaderHidden: true,
    tight: true,
    cell: (backup) =>
      isRecoverable(backup) && (
        <ButtonLink
          to="/backups/$backupId/recover"
          params={{ backupId: backup.id }}
          size="compact-sm"
          variant="default"
          aria-label={`Recover from the backup of ${backup.policy.name}`}
        >
          Recover
        </ButtonLink>
      ),
  },
];

/** The status as a link to the backup, with a bar while it runs and what became of it where it is gone. */
function BackupStatusCell({ backup }: { readonly backup: Backup }) {
  const { id, status, statusText, progressPercent, phase, deletion, retryAt, frozen } = backup;
  const isRunning = status === 'in-progress';
  return (
    <div className={classes.status}>
      <TextLink to="/backups/$backupId" params={{ backupId: id }} isPlain>
        <Status tone={toneOfBackup(status)} text={statusText} />
      </TextLink>
      {isRunning && <Meter percent={progressPercent} label={`Progress of the backup: ${PHASE_WORDS[phase]}`} />}
      {retryAt !== null && (
        <span className={classes.note}>
          Tried again <Distance at={retryAt} />
        </span>
      )}
      {frozen && <span className={classes.note}>In the freezer as {frozen.name}</span>}
      {deletion && (
        <span className={classes.note}>
          {deletion.state === 'deleted' ? 'Deleted' : 'Being deleted'}: {deletion.reason}
        </span>
      )}
    </div>
  );
}
