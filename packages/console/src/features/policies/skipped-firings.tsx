import { Button } from '@mantine/core';
import { IconCalendarCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Column } from '../../ui/data-table.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { Moment } from '../../ui/moment.tsx';
import classes from './policies-page.module.css';
import { skippedFiringsQuery } from './queries.ts';

const FIRST_ROWS = 10;
const MOST_ROWS = 200;

type SkippedFiring = { readonly dueAt: string; readonly recordedAt: string; readonly reason: string };

const COLUMNS: readonly Column<SkippedFiring>[] = [
  { id: 'due', header: 'Was due', cell: ({ dueAt }) => <Moment at={dueAt} /> },
  { id: 'reason', header: 'Why there was no backup', wrap: true, cell: ({ reason }) => reason },
  { id: 'recorded', header: 'Recorded', cell: ({ recordedAt }) => <Moment at={recordedAt} /> },
];

/** The times at which a schedule fired and no backup was made, each with its reason; absent while there is none. */
export function SkippedFirings({ policyId }: { readonly policyId: string }) {
  const [limit, setLimit] = useState(FIRST_ROWS);
  const query = useQuery(skippedFiringsQuery(policyId, limit));
  if (query.data === undefined ? query.error === null : query.data.items.length === 0) return null;
  const isMore = typeof query.data?.next === 'string' && limit < MOST_ROWS;
  return (
    <ListFrame
      label="Skipped firings"
      title="Skipped firings"
      query={query}
      rows={query.data?.items}
      rowId={({ dueAt }) => dueAt}
      columns={COLUMNS}
      empty={{ Sign: IconCalendarCheck, title: 'No firing was skipped' }}
      foot={
        isMore && (
          <div className={classes.foot}>
            <Button size="xs" variant="default" loading={query.isFetching} onClick={() => setLimit(MOST_ROWS)}>
              Show up to {MOST_ROWS}
            </Button>
          </div>
        )
      }
    />
  );
}
