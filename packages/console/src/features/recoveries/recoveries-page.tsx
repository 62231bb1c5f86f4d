import type { Recovery } from '@cpm/contract';
import { IconFilterOff, IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { Paging } from '../../ui/paging.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { Meter, Status } from '../../ui/status.tsx';
import { recoveriesQuery, toneOfRecovery } from './queries.ts';

const route = getRouteApi('/inside/recoveries');

/** The recoveries, newest first, live. */
export function RecoveriesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(recoveriesQuery(search));
  const isEmpty = data?.items.length === 0;
  return (
    <Page
      title="Recoveries"
      actions={<ZoneSwitch />}
      lead={
        search.backupId && (
          <>
            Those of{' '}
            <TextLink to="/backups/$backupId" params={{ backupId: search.backupId }}>
              one backup
            </TextLink>
            . <TextLink to="/recoveries">Show all</TextLink>
          </>
        )
      }
    >
      <Panel flush>
        {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
        {isEmpty && <NoRecovery isFiltered={search.backupId !== undefined} />}
        {!isEmpty && !(error && !data) && (
          <DataTable label="Recoveries" columns={COLUMNS} rows={data?.items} rowId={({ id }) => id} />
        )}
        {data && !isEmpty && (
          <Paging
            search={search}
            next={data.next}
            shown={data.items.length}
            noun="recovery"
            onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
          />
        )}
      </Panel>
    </Page>
  );
}

function NoRecovery({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState
        Sign={IconFilterOff}
        title="Nothing was recovered from this backup"
        action={
          <ButtonLink to="/recoveries" variant="default">
            Show all recoveries
          </ButtonLink>
        }
      />
    );
  }
  return (
    <EmptyState
      Sign={IconRestore}
      title="No recovery yet"
      action={
        <ButtonLink to="/backups" variant="default">
          To the Backup Monitor
        </ButtonLink>
      }
    >
      Open a backup to recover an instance or a volume from it.
    </EmptyState>
  );
}

const COLUMNS: readonly Column<Recovery>[] = [
  {
    id: 'status',
    header: 'Status',
    cell: ({ id, status, statusText, progressPercent, endedAt }) => (
      <div>
        <TextLink to="/recoveries/$recoveryId" params={{ recoveryId: id }} isPlain>
          <Status tone={toneOfRecovery(status)} text={statusText} />
        </TextLink>
        {endedAt === null && <Meter percent={progressPercent} label="Progress of the recovery" />}
      </div>
    ),
  },
  {
    id: 'what',
    header: 'What',
    wrap: true,
    cell: ({ kind, sourceName }) => `${kind === 'instance' ? 'Instance' : 'Volumes'} ${sourceName}`,
  },
  {
    id: 'backup',
    header: 'From',
    wrap: true,
    cell: ({ backupId, policyName }) => (
      <TextLink to="/backups/$backupId" params={{ backupId }}>
        Backup of {policyName}
      </TextLink>
    ),
  },
  { id: 'account', header: 'Account', wrap: true, cell: ({ accountName, region }) => `${accountName} · ${region}` },
  { id: 'started', header: 'Start', cell: ({ startedAt }) => <Moment at={startedAt} /> },
  { id: 'ended', header: 'End', cell: ({ endedAt }) => <Moment at={endedAt} /> },
];
