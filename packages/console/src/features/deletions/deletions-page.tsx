import type { Deletion } from '@cpm/contract';
import { NativeSelect } from '@mantine/core';
import { IconTrashOff } from '@tabler/icons-react';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { CopyableId } from '../../ui/copy-text.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { TextLink } from '../../ui/links.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { DEFAULT_PAGE_SIZE } from '../../ui/page-search.ts';
import { PagedList } from '../../ui/paged-list.tsx';
import { SearchBar } from '../../ui/search-bar.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import classes from './deletions-page.module.css';
import { DELETION_STATES, type DeletionsSearch } from './deletions-search.ts';

const route = getRouteApi('/inside/deletions');

const deletionsQuery = ({ state, policy, limit, cursor }: DeletionsSearch) =>
  queryOptions({
    queryKey: ['deletions', state, policy, limit, cursor],
    queryFn: ({ signal }) =>
      call('GET /deletions', {
        query: { state, policyName: policy, limit: limit ?? DEFAULT_PAGE_SIZE, cursor },
        signal,
      }),
    placeholderData: keepPreviousData,
  });

/** The ledger: every snapshot that CPM deletes or has deleted, why, and how that went. */
export function DeletionsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<DeletionsSearch>) =>
    void navigate({ search: (now) => ({ ...now, cursor: undefined, ...part }), replace: true });
  const isFiltered = search.state !== undefined || search.policy !== undefined;
  return (
    <Page
      title="Deletions"
      lead="Every snapshot that CPM has deleted or is about to, and why; newest first."
      actions={<ZoneSwitch />}
    >
      <PagedList
        noun="deletion"
        label="Deletions"
        filters={
          <SearchBar
            label="Policy, by its full name"
            value={search.policy ?? ''}
            onChange={(policy) => change({ policy: policy === '' ? undefined : policy })}
          >
            <NativeSelect
              size="xs"
              aria-label="State"
              value={search.state ?? ''}
              data={[
                { value: '', label: 'All states' },
                ...DELETION_STATES.map((value) => ({ value, label: STATES[value][1] })),
              ]}
              onChange={({ currentTarget }) =>
                change({ state: DELETION_STATES.find((state) => state === currentTarget.value) })
              }
            />
          </SearchBar>
        }
        query={useQuery(deletionsQuery(search))}
        columns={COLUMNS}
        rowId={({ id }) => id}
        search={search}
        onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
        empty={{
          Sign: IconTrashOff,
          title: 'Nothing was deleted yet',
          text: 'What retention deletes, and what people delete, is written here before AWS is asked.',
        }}
        noMatch={
          isFiltered
            ? {
                title: 'No deletion matches',
                clearLabel: 'Clear the filters',
                onClear: () => change({ state: undefined, policy: undefined }),
              }
            : null
        }
      />
    </Page>
  );
}

const STATES: Record<Deletion['state'], readonly [Tone, string]> = {
  waiting: ['running', 'Waiting'],
  kept: ['warning', 'Cannot be deleted yet'],
  deleted: ['good', 'Deleted'],
  gone: ['quiet', 'Was gone already'],
};

const COLUMNS: readonly Column<Deletion>[] = [
  {
    id: 'state',
    header: 'State',
    wrap: true,
    cell: ({ state, message }) => (
      <div className={classes.cell}>
        <Status tone={STATES[state][0]} text={STATES[state][1]} />
        {message !== null && <span className={classes.quiet}>{message}</span>}
      </div>
    ),
  },
  { id: 'snapshot', header: 'Snapshot', wrap: true, cell: ({ awsSnapshotId }) => <CopyableId id={awsSnapshotId} /> },
  { id: 'source', header: 'Of', wrap: true, cell: ({ sourceId }) => sourceId },
  {
    id: 'where',
    header: 'Where',
    wrap: true,
    cell: ({ accountName, region }) => `${accountName} · ${region}`,
  },
  {
    id: 'policy',
    header: 'Policy',
    wrap: true,
    cell: ({ policyName, backupId }) => (
      <TextLink to="/backups/$backupId" params={{ backupId }}>
        Backup of {policyName}
      </TextLink>
    ),
  },
  { id: 'reason', header: 'Why', wrap: true, cell: ({ reason }) => reason },
  { id: 'marked', header: 'Marked', cell: ({ markedAt }) => <Moment at={markedAt} /> },
  { id: 'ended', header: 'Gone since', cell: ({ endedAt }) => <Moment at={endedAt} /> },
];
