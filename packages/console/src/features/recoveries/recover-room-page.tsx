import type { RecoverableResource } from '@cpm/contract';
import { TARGET_KINDS } from '@cpm/core';
import { NativeSelect } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CopyableId } from '../../ui/copy-text.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import type { EmptyList } from '../../ui/list-frame.tsx';
import { Distance, Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { PagedList } from '../../ui/paged-list.tsx';
import { SearchBar } from '../../ui/search-bar.tsx';
import { KIND_NAMES } from '../accounts/kinds.ts';
import classes from './recovery-panel.module.css';
import { recoverableQuery } from './queries.ts';
import type { RecoverSearch } from './recover-search.ts';

const route = getRouteApi('/inside/recover');

/** Finds what is to be brought back, whichever policies backed it up; then its moment is chosen. */
export function RecoverRoomPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { find, kind } = search;
  const query = useQuery(recoverableQuery({ ...search, search: find }));
  const change = (part: Partial<RecoverSearch>) =>
    void navigate({ search: (now) => ({ ...now, cursor: undefined, ...part }), replace: true });
  const isNarrowed = find !== undefined || kind !== undefined;
  return (
    <Page
      title="Recover"
      lead="What do you want back? Choose it here, then the moment; or recover from a backup."
      actions={<ZoneSwitch />}
    >
      <PagedList
        noun="resource"
        label="What can be brought back"
        query={query}
        columns={COLUMNS}
        rowId={({ accountId, kind: of, region, awsId }) => `${accountId} ${of} ${region} ${awsId}`}
        search={search}
        onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
        filters={
          <SearchBar
            label="Find by name or id"
            value={find ?? ''}
            onChange={(text) => change({ find: text || undefined })}
          >
            <NativeSelect
              size="xs"
              aria-label="Kind"
              value={kind ?? ''}
              data={[
                { value: '', label: 'All kinds' },
                ...TARGET_KINDS.map((value) => ({ value, label: KIND_NAMES[value][1] })),
              ]}
              onChange={({ currentTarget }) =>
                change({ kind: TARGET_KINDS.find((one) => one === currentTarget.value) })
              }
            />
          </SearchBar>
        }
        empty={EMPTY}
        noMatch={
          isNarrowed
            ? {
                title: find === undefined ? 'Nothing of that kind was backed up' : `Nothing matches “${find}”`,
                text: 'Only what a backup holds today can be brought back.',
                clearLabel: 'Show everything',
                onClear: () => void navigate({ search: {} }),
              }
            : null
        }
      />
    </Page>
  );
}

const EMPTY: EmptyList = {
  Sign: IconRestore,
  title: 'Nothing to recover yet',
  text: 'Once a backup has completed, everything that it holds is found here.',
  action: (
    <ButtonLink to="/policies" variant="default">
      To the policies
    </ButtonLink>
  ),
};

const COLUMNS: readonly Column<RecoverableResource>[] = [
  {
    id: 'name',
    header: 'Name',
    wrap: true,
    cell: ({ accountId, kind, region, awsId, name }) => (
      <TextLink to="/recover/points" search={{ account: accountId, kind, region, id: awsId, name }}>
        {name || awsId}
      </TextLink>
    ),
  },
  { id: 'kind', header: 'Kind', cell: ({ kind }) => KIND_NAMES[kind][0] },
  { id: 'id', header: 'Id', wrap: true, cell: ({ awsId }) => <CopyableId id={awsId} /> },
  { id: 'where', header: 'Where', wrap: true, cell: ({ accountName, region }) => `${accountName} · ${region}` },
  { id: 'points', header: 'Moments', align: 'end', cell: ({ points }) => points },
  {
    id: 'newest',
    header: 'Newest',
    cell: ({ newestAt }) => (
      <>
        <Moment at={newestAt} />
        <div className={classes.quiet}>
          <Distance at={newestAt} />
        </div>
      </>
    ),
  },
  { id: 'oldest', header: 'Oldest', cell: ({ oldestAt }) => <Moment at={oldestAt} /> },
];
