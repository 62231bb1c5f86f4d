import type { ReconciliationRun } from '@cpm/contract';
import { Button } from '@mantine/core';
import { IconArrowsDiff, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import type { Column } from '../../ui/data-table.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { tell, tellProblem } from '../../ui/tell.tsx';
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
          <CompareNow />
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

function CompareNow() {
  const client = useQueryClient();
  const compare = useMutation({
    mutationFn: () => call('POST /reconciliation/run', {}),
    onSuccess: ({ started }) => {
      tell(
        started === 0
          ? 'There is no account and region to compare yet.'
          : `The comparison of ${started === 1 ? 'one region' : `${started} regions`} has started.`,
      );
      void client.invalidateQueries({ queryKey: ['reconciliation'] });
    },
    onError: (error) => tellProblem('The comparison was not started', error),
  });
  return (
    <Button leftSection={<IconRefresh size={16} />} loading={compare.isPending} onClick={() => compare.mutate()}>
      Compare now
    </Button>
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
