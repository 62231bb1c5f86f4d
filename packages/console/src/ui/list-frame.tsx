import { Button } from '@mantine/core';
import { IconFilterOff, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { DataTable, type Column, type Sort } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import classes from './list-frame.module.css';
import { Panel } from './page.tsx';
import { ProblemNotice } from './problem-notice.tsx';

/** What a list says while it holds nothing at all. */
export type EmptyList = {
  readonly Sign: Icon;
  readonly title: string;
  readonly text?: ReactNode;
  readonly action?: ReactNode;
};

/** What a list says when something narrows it down to nothing, and what clears that again. */
export type NoMatch = {
  readonly Sign?: Icon;
  readonly title: string;
  readonly text?: string;
  readonly clearLabel: string;
  readonly onClear: () => void;
};

type ListFrameProps<Row> = {
  /** Names the table for those who cannot see it. */
  readonly label: string;
  readonly title?: string;
  /** Beside the title. */
  readonly tools?: ReactNode;
  /** Above the table; stays when nothing matches. */
  readonly filters?: ReactNode;
  /** Undefined while they are being loaded. */
  readonly rows: readonly Row[] | undefined;
  readonly rowId: (row: Row) => string;
  readonly columns: readonly Column<Row>[];
  readonly query: { readonly error: Error | null; readonly refetch: () => Promise<unknown> };
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort) => void;
  readonly empty: EmptyList;
  /** Null when nothing narrows the list down. */
  readonly noMatch?: NoMatch | null;
  readonly foot?: ReactNode;
  /** Whether the rows are those of the question before. */
  readonly isStale?: boolean;
  readonly skeletonRows?: number;
};

/** A table in its panel: loading, none yet, no match and an error each look different. */
export function ListFrame<Row>(props: ListFrameProps<Row>) {
  const { title, tools, rows, query, empty, noMatch = null } = props;
  const hasFailed = query.error !== null && rows === undefined;
  const isBare = rows?.length === 0 && noMatch === null;
  return (
    <Panel {...(title === undefined ? {} : { title })} {...(tools === undefined ? {} : { tools })} flush>
      {!isBare && props.filters}
      {hasFailed && query.error && (
        <div className={classes.pad}>
          <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {isBare && (
        <EmptyState Sign={empty.Sign} title={empty.title} action={empty.action}>
          {empty.text}
        </EmptyState>
      )}
      {rows?.length === 0 && noMatch && <Unmatched {...noMatch} />}
      {!hasFailed && rows?.length !== 0 && (
        <div className={classes.rows} data-stale={props.isStale || undefined}>
          <Rows {...props} />
        </div>
      )}
      {rows && rows.length > 0 && props.foot}
    </Panel>
  );
}

function Rows<Row>({ label, columns, rows, rowId, sort, onSort, skeletonRows }: ListFrameProps<Row>) {
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={rows}
      rowId={rowId}
      sort={sort}
      {...(onSort ? { onSort } : {})}
      {...(skeletonRows === undefined ? {} : { skeletonRows })}
    />
  );
}

function Unmatched({ Sign = IconFilterOff, title, text, clearLabel, onClear }: NoMatch) {
  return (
    <EmptyState
      Sign={Sign}
      title={title}
      action={
        <Button variant="default" onClick={onClear}>
          {clearLabel}
        </Button>
      }
    >
      {text}
    </EmptyState>
  );
}
