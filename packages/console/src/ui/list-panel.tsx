import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconFilterOff, IconSearch, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { matches, sortRows, type ListSearch, type SortValues } from '../app/list-search.ts';
import { DataTable, type Column } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import classes from './list-panel.module.css';
import { Panel } from './page.tsx';
import { ProblemNotice } from './problem-notice.tsx';

type ListPanelProps<Row> = {
  /** Singular, such as `policy`; `nouns` where adding an s is wrong. */
  readonly noun: string;
  readonly nouns: string;
  readonly query: {
    readonly data: { readonly items: readonly Row[]; readonly isCut: boolean } | undefined;
    readonly error: Error | null;
    readonly refetch: () => Promise<unknown>;
  };
  readonly columns: readonly Column<Row>[];
  readonly sortValues: SortValues<Row>;
  readonly defaultSort: string;
  readonly search: ListSearch;
  readonly onSearch: (search: ListSearch) => void;
  /** The texts of a row that are searched. */
  readonly textsOf: (row: Row) => readonly string[];
  readonly tools?: ReactNode;
  readonly empty: { readonly Sign: Icon; readonly title: string; readonly text: ReactNode; readonly action: ReactNode };
};

/** A whole list in one table, searched and sorted in the browser: none yet, no match and an error each look different. */
export function ListPanel<Row extends { readonly id: string }>(props: ListPanelProps<Row>) {
  const { query, search, onSearch, empty } = props;
  const { data, error } = query;
  if (error && !data) return <ProblemNotice error={error} onRetry={() => void query.refetch()} />;
  if (data?.items.length === 0) {
    return (
      <Panel>
        <EmptyState Sign={empty.Sign} title={empty.title} action={empty.action}>
          {empty.text}
        </EmptyState>
      </Panel>
    );
  }
  const sort = search.sort ?? props.defaultSort;
  const found = data?.items.filter((row) => matches(search.find, props.textsOf(row)));
  return (
    <Panel flush>
      <div className={classes.tools}>
        <FindField
          label={`Find in ${props.nouns}`}
          value={search.find ?? ''}
          onChange={(find) => onSearch({ ...search, find: find || undefined })}
        />
        {data && found && (
          <output className={classes.count}>
            {found.length === data.items.length ? '' : `${found.length} of `}
            {data.items.length} {data.items.length === 1 ? props.noun : props.nouns}
            {data.isCut && ' (there are more: search in the API)'}
          </output>
        )}
        {props.tools}
      </div>
      {found?.length === 0 ? (
        <EmptyState
          Sign={IconFilterOff}
          title={`No ${props.noun} matches “${search.find}”`}
          action={
            <Button variant="default" onClick={() => onSearch({ ...search, find: undefined })}>
              Clear the search
            </Button>
          }
        />
      ) : (
        <DataTable
          label={props.nouns}
          columns={props.columns}
          rows={found && sortRows(found, sort, props.sortValues)}
          rowId={({ id }) => id}
          sort={sort}
          onSort={(next) => onSearch({ ...search, sort: next === props.defaultSort ? undefined : next })}
        />
      )}
    </Panel>
  );
}

/** A field that narrows a list down while one types. */
export function FindField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <TextInput
      size="xs"
      className={classes.find}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} />}
      rightSection={
        value === '' ? null : <CloseButton size="xs" aria-label="Clear the search" onClick={() => onChange('')} />
      }
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
