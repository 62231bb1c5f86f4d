import type { Recovery } from '@cpm/contract';
import { IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Column } from '../../ui/data-table.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import type { EmptyList } from '../../ui/list-frame.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { PagedList } from '../../ui/paged-list.tsx';
import { Meter, Status } from '../../ui/status.tsx';
import { recoveriesQuery, toneOfRecovery } from './queries.ts';

const route = getRouteApi('/inside/recoveries');

/** The recoveries, newest first, live. */
export function RecoveriesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
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
      <PagedList
        noun="recovery"
        nouns="recoveries"
        label="Recoveries"
        query={useQuery(recoveriesQuery(search))}
        columns={COLUMNS}
        rowId={({ id }) => id}
        search={search}
        onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
        empty={EMPTY}
        noMatch={
          search.backupId === undefined
            ? null
            : {
                title: 'Nothing was recovered from this backup',
                clearLabel: 'Show all recoveries',
                onClear: () => void navigate({ search: {} }),
              }
        }
      />
    </Page>
  );
}

const EMPTY: EmptyList = {
  Sign: IconRestore,
  title: 'No recovery yet',
  text: 'Open a backup to recover an instance or a volume from it.',
  action: (
    <ButtonLink to="/backups" variant="default">
      To the Backup Monitor
    </ButtonLink>
  ),
};

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
