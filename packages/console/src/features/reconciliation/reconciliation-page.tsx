import type { ReconciliationRun } from '@cpm/contract';
import { IconArrowsDiff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Column } from '../../ui/data-table.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { CompareNow } from './compare-now.tsx';
import { Findings } from './findings.tsx';
import { comparisonsQuery } from './queries.ts';
import classes from './reconciliation-page.module.css';

/** How CPM's records compare with what AWS has: when each account and region was last looked at, and what was found. */
export function ReconciliationPage() {
  const query = useQuery(comparisonsQuery);
  return (
    <Page
      title="Comparison with AWS"
      lead="CPM looks for every snapshot that bears its tags and compares it with its records, regularly and on request. What is not CPM's own is never touched."
      actions={
        <>
          <ZoneSwitch />
          <CompareNow runs={query.data?.items ?? []} />
        </>
      }
    >
      <Findings />
      <ListFrame
        label="Last comparisons"
        title="Last comparison of each account and region"
        query={query}
        rows={query.data?.items}
        rowId={({ account, region }) => `${account.id} ${region}`}
        columns={COLUMNS}
        skeletonRows={3}
        empty={{
          Sign: IconArrowsDiff,
          title: 'No comparison yet',
          text: 'The first one comes by itself, once there are snapshots to compare.',
        }}
      />
    </Page>
  );
}

const COLUMNS: readonly Column<ReconciliationRun>[] = [
  { id: 'account', header: 'Account', wrap: true, cell: ({ account }) => account.name },
  { id: 'region', header: 'Region', cell: ({ region }) => region },
  { id: 'state', header: 'State', wrap: true, cell: (comparison) => <ComparisonState comparison={comparison} /> },
  { id: 'seen', header: 'Snapshots seen', align: 'end', cell: ({ snapshotsSeen }) => snapshotsSeen },
  { id: 'started', header: 'Start', cell: ({ startedAt }) => <Moment at={startedAt} /> },
  { id: 'ended', header: 'End', cell: ({ endedAt }) => <Moment at={endedAt} /> },
];

function ComparisonState({ comparison: { endedAt, error } }: { readonly comparison: ReconciliationRun }) {
  if (endedAt === null) return <Status tone="running" text="Running" />;
  if (error === null) return <Status tone="good" text="Complete" />;
  return (
    <div className={classes.cell}>
      <Status tone="bad" text="Failed" />
      <span className={classes.quiet}>{error}</span>
    </div>
  );
}
