import type { Resource } from '@cpm/contract';
import { isDatabaseKind, type TargetKind } from '@cpm/core';
import { Button } from '@mantine/core';
import { IconFilterOff, IconServerOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { matches, sortRows, type ListSearch } from '../../app/list-search.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FindField } from '../../ui/list-panel.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { nounsOf } from '../accounts/kinds.ts';
import { resourcesQuery } from '../accounts/queries.ts';
import { keyOf, type Chosen } from './chosen-targets.tsx';
import { columnsOf, SORT_VALUES, textsOf, type Choice } from './resource-columns.tsx';
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
  const takeable = found?.filter(({ cannotBeTarget }) => cannotBeTarget === null) ?? [];
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
        {takeable.length > 0 && (
          <Button size="compact-sm" variant="subtle" onClick={() => choice.all(takeable)}>
            Choose all {takeable.length}
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
