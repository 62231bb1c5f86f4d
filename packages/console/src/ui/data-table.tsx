import { Skeleton, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './data-table.module.css';

/** One column of a table: what it is called, what a cell shows, and the name it is sorted by, if it can be. */
export type Column<Row> = {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  readonly sortKey?: string;
  readonly align?: 'end';
  /** Takes no more room than it needs. */
  readonly tight?: boolean;
  /** Holds text that people chose: it may break anywhere rather than widen the table. */
  readonly wrap?: boolean;
  /** The header is for screen readers only, such as over a column of buttons. */
  readonly isHeaderHidden?: boolean;
};

/** `name` or `-name`, as the API takes it. */
export type Sort = string;

type DataTableProps<Row> = {
  /** Names the table for those who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while they are being loaded. */
  readonly rows: readonly Row[] | undefined;
  readonly rowId: (row: Row) => string;
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort) => void;
  readonly skeletonRows?: number;
};

/** Rows under sortable headers; on a narrow screen each row becomes a block of named values. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  return (
    <table className={classes.table} aria-label={props.label} aria-busy={props.rows === undefined}>
      <thead>
        <tr>
          {props.columns.map((column) => (
            <HeaderCell key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows === undefined && <SkeletonRows columns={props.columns} count={props.skeletonRows ?? 8} />}
        {props.rows?.map((row) => (
          <tr key={props.rowId(row)}>
            {props.columns.map((column) => (
              <td
                key={column.id}
                data-label={column.isHeaderHidden ? '' : column.header}
                data-align={column.align}
                data-tight={column.tight}
                data-wrap={column.wrap}
              >
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type HeaderCellProps<Row> = {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort) => void) | undefined;
};

function HeaderCell<Row>({ column, sort, onSort }: HeaderCellProps<Row>) {
  const { header, sortKey, isHeaderHidden, align, tight } = column;
  if (sortKey === undefined || onSort === undefined) {
    return (
      <th scope="col" data-align={align} data-tight={tight}>
        {isHeaderHidden ? <span className={classes.hidden}>{header}</span> : header}
      </th>
    );
  }
  const direction = sort === sortKey ? 'ascending' : sort === `-${sortKey}` ? 'descending' : 'none';
  const Arrow = { ascending: IconArrowUp, descending: IconArrowDown, none: IconArrowsSort }[direction];
  return (
    <th scope="col" aria-sort={direction} data-align={align} data-tight={tight}>
      <UnstyledButton
        className={classes.sort}
        data-sorted={direction !== 'none' || undefined}
        onClick={() => onSort(direction === 'ascending' ? `-${sortKey}` : sortKey)}
      >
        {header}
        <Arrow size={13} aria-hidden />
      </UnstyledButton>
    </th>
  );
}

function SkeletonRows<Row>({ columns, count }: { readonly columns: readonly Column<Row>[]; readonly count: number }) {
  return Array.from({ length: count }, (_, row) => (
    <tr key={row}>
      {columns.map(({ id }, column) => (
        <td key={id} data-label="">
          <Skeleton height={12} my={4} width={`${55 + ((row * 3 + column * 5) % 5) * 9}%`} />
        </td>
      ))}
    </tr>
  ));
}
