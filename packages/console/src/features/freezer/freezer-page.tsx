import type { Backup } from '@cpm/contract';
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconPencil, IconSnowflake, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import type { Column } from '../../ui/data-table.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { SearchBar } from '../../ui/search-bar.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { DEFAULT_PAGE_SIZE } from '../../ui/page-search.ts';
import { PagedList } from '../../ui/paged-list.tsx';
import { DeleteBackup } from '../backups/delete-backup.tsx';
import classes from './freezer-page.module.css';
import type { FreezerSearch } from './freezer-search.ts';
import { RenameFrozen } from './rename-frozen.tsx';

const route = getRouteApi('/inside/freezer');

const freezerQuery = ({ find, limit, cursor }: FreezerSearch) =>
  queryOptions({
    queryKey: ['freezer', find, limit, cursor],
    queryFn: ({ signal }) =>
      call('GET /freezer', { query: { search: find, limit: limit ?? DEFAULT_PAGE_SIZE, cursor }, signal }),
    placeholderData: keepPreviousData,
  });

type Act = { readonly kind: 'rename' | 'delete'; readonly backup: Backup };

/** The backups that are kept until somebody deletes them by hand. */
export function FreezerPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [act, setAct] = useState<Act | null>(null);
  const setFind = (find: string) =>
    void navigate({ search: { limit: search.limit, find: find === '' ? undefined : find }, replace: true });
  return (
    <Page
      title="Freezer"
      lead="Backups that retention passes by. They survive their policy, and are deleted only by hand."
      actions={<ZoneSwitch />}
    >
      <PagedList
        noun="frozen backup"
        label="Freezer"
        filters={<SearchBar label="Find by name or description" value={search.find ?? ''} onChange={setFind} />}
        query={useQuery(freezerQuery(search))}
        columns={columnsOf(setAct)}
        rowId={({ id }) => id}
        search={search}
        onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
        empty={{
          Sign: IconSnowflake,
          title: 'The freezer is empty',
          text: 'Open a backup and freeze it, to keep it whatever retention and its policy do.',
          action: (
            <ButtonLink to="/backups" variant="default">
              To the Backup Monitor
            </ButtonLink>
          ),
        }}
        noMatch={
          search.find === undefined
            ? null
            : {
                title: `No frozen backup matches “${search.find}”`,
                clearLabel: 'Show the whole freezer',
                onClear: () => setFind(''),
              }
        }
      />
      {act?.kind === 'rename' && <RenameFrozen backup={act.backup} onClose={() => setAct(null)} />}
      {act?.kind === 'delete' && <DeleteBackup backup={act.backup} onClose={() => setAct(null)} />}
    </Page>
  );
}

const columnsOf = (onAct: (act: Act) => void): readonly Column<Backup>[] => [
  {
    id: 'name',
    header: 'Name',
    wrap: true,
    cell: ({ id, frozen }) => (
      <div className={classes.name}>
        <TextLink to="/backups/$backupId" params={{ backupId: id }}>
          {frozen?.name}
        </TextLink>
        {frozen && frozen.description !== '' && <span className={classes.quiet}>{frozen.description}</span>}
      </div>
    ),
  },
  { id: 'policy', header: 'Policy', wrap: true, cell: (backup) => <PolicyCell backup={backup} /> },
  { id: 'account', header: 'Account', wrap: true, cell: ({ account }) => account.name },
  { id: 'started', header: 'Backup started', cell: ({ startedAt }) => <Moment at={startedAt} /> },
  {
    id: 'snapshots',
    header: 'Snapshots',
    align: 'end',
    cell: ({ snapshotCount, sizeGiB }) => `${snapshotCount}, ${sizeGiB} GiB`,
  },
  {
    id: 'frozen',
    header: 'Frozen',
    cell: ({ frozen }) =>
      frozen && (
        <div className={classes.name}>
          <Moment at={frozen.at} />
          <span className={classes.quiet}>by {frozen.by}</span>
        </div>
      ),
  },
  {
    id: 'actions',
    header: 'Actions',
    isHeaderHidden: true,
    tight: true,
    cell: (backup) => <RowActions backup={backup} onAct={onAct} />,
  },
];

function PolicyCell({ backup: { policy } }: { readonly backup: Backup }) {
  if (policy.id === null) return `${policy.name} (deleted)`;
  return (
    <TextLink to="/policies/$policyId" params={{ policyId: policy.id }}>
      {policy.name}
    </TextLink>
  );
}

function RowActions({ backup, onAct }: { readonly backup: Backup; readonly onAct: (act: Act) => void }) {
  const name = backup.frozen?.name ?? '';
  return (
    <div className={classes.actions}>
      <ButtonLink
        to="/backups/$backupId/recover"
        params={{ backupId: backup.id }}
        size="compact-sm"
        variant="default"
        aria-label={`Recover from ${name}`}
      >
        Recover
      </ButtonLink>
      <Tooltip label="Name and description">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Rename ${name}`}
          onClick={() => onAct({ kind: 'rename', backup })}
        >
          <IconPencil size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Delete">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Delete ${name}`}
          onClick={() => onAct({ kind: 'delete', backup })}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
