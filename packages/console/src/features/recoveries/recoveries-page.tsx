import type { Recovery } from '@cpm/contract';
import { IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Column } from '../../ui/data-table.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import type { EmptyList, NoMatch } from '../../ui/list-frame.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { PagedList } from '../../ui/paged-list.tsx';
import { Meter, Status } from '../../ui/status.tsx';
import { RECOVERED_KINDS } from './object-words.ts';
import { recoveriesQuery, toneOfRecovery } from './queries.ts';
import type { RecoveriesSearch } from './recoveries-search.ts';
import { RecoveryGroup } from './recovery-group.tsx';

const route = getRouteApi('/inside/recoveries');

/** The recoveries, newest first, live; of a backup, or those that were asked for together. */
export function RecoveriesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title={search.groupId === undefined ? 'Recoveries' : 'Recoveries asked for together'}
      actions={
        <>
          <ZoneSwitch />
          <ButtonLink to="/recover" leftSection={<IconRestore size={16} />}>
            Recover something
          </ButtonLink>
        </>
      }
      lead={<Narrowed search={search} />}
    >
      {search.groupId !== undefined && <RecoveryGroup groupId={search.groupId} />}
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
        noMatch={noMatch(search, () => void navigate({ search: {} }))}
      />
    </Page>
  );
}

function Narrowed({ search: { backupId, groupId } }: { readonly search: RecoveriesSearch }) {
  if (backupId === undefined && groupId === undefined) return null;
  return (
    <>
      {backupId !== undefined && (
        <>
          Those of{' '}
          <TextLink to="/backups/$backupId" params={{ backupId }}>
            one backup
          </TextLink>
          .{' '}
        </>
      )}
      <TextLink to="/recoveries">Show all</TextLink>
    </>
  );
}

function noMatch({ backupId, groupId }: RecoveriesSearch, onClear: () => void): NoMatch | null {
  if (backupId === undefined && groupId === undefined) return null;
  return {
    title: groupId === undefined ? 'Nothing was recovered from this backup' : 'There is no such group of recoveries',
    clearLabel: 'Show all recoveries',
    onClear,
  };
}

const EMPTY: EmptyList = {
  Sign: IconRestore,
  title: 'No recovery yet',
  text: 'Find what you want back, or open a backup to recover from it.',
  action: (
    <ButtonLink to="/recover" variant="default">
      Recover something
    </ButtonLink>
  ),
};

const ROLL_BACKS: Partial<Record<Recovery['rollBack']['state'], string>> = {
  running: 'Being rolled back',
  done: 'Rolled back',
  failed: 'Rolling back failed',
};

const COLUMNS: readonly Column<Recovery>[] = [
  {
    id: 'status',
    header: 'Status',
    cell: ({ id, status, statusText, progressPercent, endedAt, rollBack }) => (
      <div>
        <TextLink to="/recoveries/$recoveryId" params={{ recoveryId: id }} isPlain>
          <Status tone={toneOfRecovery(status)} text={statusText} />
        </TextLink>
        {endedAt === null && <Meter percent={progressPercent} label="Progress of the recovery" />}
        {ROLL_BACKS[rollBack.state] !== undefined && <div>{ROLL_BACKS[rollBack.state]}</div>}
      </div>
    ),
  },
  {
    id: 'what',
    header: 'What',
    wrap: true,
    cell: ({ id, kind, sourceName }) => (
      <TextLink to="/recoveries/$recoveryId" params={{ recoveryId: id }}>
        {RECOVERED_KINDS[kind]} {sourceName}
      </TextLink>
    ),
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
