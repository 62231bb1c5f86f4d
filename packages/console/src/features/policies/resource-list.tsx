import type { Resource } from '@cpm/contract';
import type { TargetKind } from '@cpm/core';
import { Button, Checkbox, Popover, UnstyledButton } from '@mantine/core';
import { IconFilterOff, IconServerOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { matches, sortRows, type ListSearch, type SortValues } from '../../app/list-search.ts';
import { CopyableId } from '../../ui/copy-text.tsx';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TextLink } from '../../ui/links.tsx';
import { FindField } from '../../ui/list-panel.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { isDatabaseKind, nounsOf } from '../accounts/kinds.ts';
import { resourcesQuery } from '../accounts/queries.ts';
import { keyOf, type Chosen } from './chosen-targets.tsx';
import classes from './resource-list.module.css';

const PAGE_ROWS = 50;

type Search = ListSearch & { readonly page?: number | undefined };
type ResourceListProps = {
  readonly asked: { readonly accountId: string; readonly region: string; readonly kind: TargetKind };
  readonly policyId: string;
  readonly search: Search;
  readonly onSearch: (part: Search) => void;
  readonly chosen: readonly Chosen[];
  readonly onChoose: (chosen: readonly Chosen[]) => void;
};

/** What a region holds that is not in the policy yet, to be ticked; searched by name, id and tag. */
export function ResourceList({ asked, policyId, search, onSearch, chosen, onChoose }: ResourceListProps) {
  const { data, error, refetch, isFetching } = useQuery(resourcesQuery(asked));
  if (error && !data)
    return (
      <div className={classes.pad}>
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      </div>
    );
  const open = data?.items.filter(({ policies }) => !policies.some(({ id }) => id === policyId));
  const found = open?.filter((resource) => matches(search.find, textsOf(resource)));
  const sort = search.sort ?? (isDatabaseKind(asked.kind) ? 'id' : 'name');
  const sorted = found && sortRows(found, sort, SORT_VALUES);
  const pages = Math.max(1, Math.ceil((found?.length ?? 0) / PAGE_ROWS));
  const page = Math.min(search.page ?? 1, pages);
  const choice = choiceOf(chosen, onChoose);
  const nouns = nounsOf(asked.kind);
  return (
    <>
      <div className={classes.tools}>
        <FindField
          label="Find by name, id or tag"
          value={search.find ?? ''}
          onChange={(find) => onSearch({ find: find || undefined })}
        />
        {open && (
          <output className={classes.count}>
            {found?.length === open.length ? '' : `${found?.length} of `}
            {open.length} {nouns} not in this policy
            {data && data.items.length > open.length && ` (${data.items.length - open.length} in it already)`}
          </output>
        )}
        <Button
          size="compact-sm"
          variant="subtle"
          loading={isFetching && data !== undefined}
          onClick={() => void refetch()}
        >
          Ask AWS again
        </Button>
        {found && found.length > 0 && (
          <Button size="compact-sm" variant="subtle" onClick={() => choice.all(found)}>
            Choose all {found.length}
          </Button>
        )}
      </div>
      {open?.length === 0 && (
        <EmptyState
          Sign={IconServerOff}
          title={
            data?.items.length === 0
              ? `There are no ${nouns} in ${asked.region}`
              : `All ${nouns} of ${asked.region} are in this policy`
          }
        />
      )}
      {open && open.length > 0 && found?.length === 0 && (
        <EmptyState
          Sign={IconFilterOff}
          title="Nothing matches"
          action={
            <Button variant="default" onClick={() => onSearch({ find: undefined })}>
              Clear the search
            </Button>
          }
        />
      )}
      {found?.length !== 0 && (
        <DataTable
          label={`${nouns} of ${asked.region}`}
          columns={columnsOf(choice, asked.kind)}
          rows={sorted?.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS)}
          rowId={keyOf}
          sort={sort}
          onSort={(next) => onSearch({ sort: next })}
        />
      )}
      {pages > 1 && <PageButtons page={page} pages={pages} onPage={(next) => onSearch({ page: next })} />}
    </>
  );
}

type Choice = {
  readonly has: (resource: Resource) => boolean;
  readonly toggle: (resource: Resource) => void;
  readonly all: (resources: readonly Resource[]) => void;
};

function choiceOf(chosen: readonly Chosen[], onChoose: (chosen: readonly Chosen[]) => void): Choice {
  const keys = new Set(chosen.map(({ resource }) => keyOf(resource)));
  const has = (resource: Resource) => keys.has(keyOf(resource));
  const fresh = (resource: Resource): Chosen => ({ resource, volumes: { take: 'all' } });
  return {
    has,
    toggle: (resource) =>
      onChoose(
        has(resource) ? chosen.filter((one) => keyOf(one.resource) !== keyOf(resource)) : [...chosen, fresh(resource)],
      ),
    all: (resources) => onChoose([...chosen, ...resources.filter((one) => !has(one)).map(fresh)]),
  };
}

function PageButtons({
  page,
  pages,
  onPage,
}: {
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
}) {
  return (
    <div className={classes.pages}>
      <Button size="xs" variant="default" disabled={page === 1} onClick={() => onPage(page - 1)}>
        Previous
      </Button>
      <span>
        Page {page} of {pages}
      </span>
      <Button size="xs" variant="default" disabled={page === pages} onClick={() => onPage(page + 1)}>
        Next
      </Button>
    </div>
  );
}

const textsOf = ({ id, name, type, platform, tags }: Resource): string[] => [
  id,
  name,
  type,
  platform,
  ...tags.map(({ key, value }) => `${key}=${value}`),
];

const SORT_VALUES: SortValues<Resource> = {
  name: ({ name }) => name || null,
  id: ({ id }) => id,
  type: ({ type }) => type,
  engine: ({ platform }) => platform,
  state: ({ state }) => state,
  size: ({ sizeGiB }) => sizeGiB,
  policies: ({ policies }) => policies.length,
};

function columnsOf(choice: Choice, kind: TargetKind): readonly Column<Resource>[] {
  return [
    {
      id: 'choose',
      header: 'Choose',
      isHeaderHidden: true,
      tight: true,
      cell: (resource) => (
        <Checkbox
          aria-label={`Choose ${resource.name || resource.id}`}
          checked={choice.has(resource)}
          onChange={() => choice.toggle(resource)}
        />
      ),
    },
    ...(isDatabaseKind(kind) ? DATABASE_COLUMNS : EC2_COLUMNS),
    ...(kind === 'volume' ? VOLUME_COLUMNS : []),
    { id: 'tags', header: 'Tags', wrap: true, cell: ({ tags }) => <Tags tags={tags} /> },
    {
      id: 'policies',
      header: 'In policies',
      sortKey: 'policies',
      cell: ({ policies }) => <InPolicies policies={policies} />,
    },
  ];
}

const stateOf = ({ state, zone }: Resource): string => (zone === '' ? state : `${state} · ${zone}`);

const EC2_COLUMNS: readonly Column<Resource>[] = [
  { id: 'name', header: 'Name', wrap: true, sortKey: 'name', cell: ({ name }) => name || '–' },
  { id: 'id', header: 'Id', sortKey: 'id', cell: ({ id }) => <CopyableId id={id} /> },
  {
    id: 'type',
    header: 'Type',
    sortKey: 'type',
    cell: ({ type, platform }) => (platform === '' ? type : `${type} · ${platform}`),
  },
  { id: 'state', header: 'State', sortKey: 'state', cell: stateOf },
  {
    id: 'size',
    header: 'Size',
    sortKey: 'size',
    align: 'end',
    cell: ({ kind, sizeGiB, volumes }) =>
      kind === 'instance' ? `${volumes.length} × · ${sizeGiB} GiB` : `${sizeGiB} GiB`,
  },
];

const VOLUME_COLUMNS: readonly Column<Resource>[] = [
  { id: 'attached', header: 'Attached to', cell: ({ attachedTo }) => attachedTo ?? '–' },
];

/** A database has no name but its identifier; what runs in it matters, and AWS tells a size not for all. */
const DATABASE_COLUMNS: readonly Column<Resource>[] = [
  { id: 'id', header: 'Identifier', wrap: true, sortKey: 'id', cell: ({ id }) => <CopyableId id={id} /> },
  { id: 'engine', header: 'Engine', sortKey: 'engine', wrap: true, cell: ({ platform }) => platform || '–' },
  { id: 'type', header: 'Class', sortKey: 'type', cell: ({ type }) => type || '–' },
  { id: 'state', header: 'State', sortKey: 'state', cell: stateOf },
  {
    id: 'size',
    header: 'Size',
    sortKey: 'size',
    align: 'end',
    cell: ({ sizeGiB }) => (sizeGiB === 0 ? '–' : `${sizeGiB} GiB`),
  },
];

function Tags({ tags }: Pick<Resource, 'tags'>) {
  const shown = tags.filter(({ key }) => key !== 'Name');
  if (shown.length === 0) return '–';
  return (
    <span className={classes.tags}>
      {shown.slice(0, 3).map(({ key, value }) => (
        <span key={key} className={classes.tag}>
          {key}={value}
        </span>
      ))}
      {shown.length > 3 && (
        <span
          title={shown
            .slice(3)
            .map(({ key, value }) => `${key}=${value}`)
            .join('\n')}
        >
          +{shown.length - 3}
        </span>
      )}
    </span>
  );
}

function InPolicies({ policies }: Pick<Resource, 'policies'>) {
  if (policies.length === 0) return 'None';
  return (
    <Popover withArrow shadow="md" position="bottom-end">
      <Popover.Target>
        <UnstyledButton className={classes.policies} aria-label={`In ${policies.length} policies: show which`}>
          {policies.length}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={classes.policyList}>
          {policies.map(({ id, name }) => (
            <li key={id}>
              <TextLink to="/policies/$policyId" params={{ policyId: id }}>
                {name}
              </TextLink>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
