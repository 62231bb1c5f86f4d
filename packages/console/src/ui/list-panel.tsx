import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { matches, sortRows, type ListSearch, type SortValues } from '../app/list-search.ts';
import type { Column } from './data-table.tsx';
import { ListFrame, type EmptyList } from './list-frame.tsx';
import classes from './list-panel.module.css';

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
  readonly empty: EmptyList;
};

/** A whole list in one table, searched and sorted in the browser. */
export function ListPanel<Row extends { readonly id: string }>(props: ListPanelProps<Row>) {
  const { query, search, onSearch } = props;
  const sort = search.sort ?? props.defaultSort;
  const found = query.data?.items.filter((row) => matches(search.find, props.textsOf(row)));
  const setFind = (find: string) => onSearch({ ...search, find: find || undefined });
  const isEmpty = query.data?.items.length === 0;
  return (
    <ListFrame
      label={props.nouns}
      columns={props.columns}
      rows={found && sortRows(found, sort, props.sortValues)}
      rowId={({ id }) => id}
      query={query}
      sort={sort}
      onSort={(next) => onSearch({ ...search, sort: next === props.defaultSort ? undefined : next })}
      empty={props.empty}
      noMatch={
        isEmpty
          ? null
          : {
              title: `No ${props.noun} matches “${search.find ?? ''}”`,
              clearLabel: 'Clear the search',
              onClear: () => setFind(''),
            }
      }
      filters={
        <div className={classes.tools}>
          <FindField label={`Find in ${props.nouns}`} value={search.find ?? ''} onChange={setFind} />
          {found && <FoundCount {...props} found={found.length} />}
          {props.tools}
        </div>
      }
    />
  );
}

function FoundCount<Row>({ query, noun, nouns, found }: ListPanelProps<Row> & { readonly found: number }) {
  const all = query.data?.items.length ?? 0;
  return (
    <output className={classes.count}>
      {found === all ? '' : `${found} of `}
      {all} {all === 1 ? noun : nouns}
      {query.data?.isCut === true && ' (there are more: search in the API)'}
    </output>
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
