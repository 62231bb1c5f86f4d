import type { DryRun } from '@cpm/contract';
import { Button, Skeleton } from '@mantine/core';
import { IconCloudOff, IconRefresh } from '@tabler/icons-react';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { CopyableId } from '../../ui/copy-text.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { TextLink } from '../../ui/links.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Facts, Page, Panel } from '../../ui/page.tsx';
import { Warnings } from '../../ui/warnings.tsx';
import classes from './dry-run-page.module.css';
import { STEP_NAMES } from './policy-values.ts';
import { policyQuery } from './queries.ts';
import { RunNowButton } from './run-now.tsx';

const route = getRouteApi('/inside/policies/$policyId/dry-run');

const dryRunQuery = (policyId: string) =>
  queryOptions({
    // Not of the noun "policies": it asks AWS, so it is read again when somebody asks for it and not with every change.
    queryKey: ['dry-run', policyId],
    queryFn: ({ signal }) => call('GET /policies/:policyId/dry-run', { params: { policyId }, signal }),
    staleTime: 0,
    refetchOnWindowFocus: false,
  });

/** What the next backup of a policy would do, as AWS stands now; nothing is changed by looking. */
export function DryRunPage() {
  const { policyId } = route.useParams();
  const { data: policy } = useQuery(policyQuery(policyId));
  const query = useQuery(dryRunQuery(policyId));
  const { data, error, refetch, isFetching } = query;
  if (error && !data) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={policy ? `What ${policy.name} would do` : 'What it would do'}
      trail={
        <TextLink to="/policies/$policyId" params={{ policyId }}>
          {policy?.name ?? 'Policy'}
        </TextLink>
      }
      lead="If a backup started now. CPM has only looked: nothing was made, changed or deleted."
      actions={
        <>
          <ZoneSwitch />
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            loading={isFetching && data !== undefined}
            onClick={() => void refetch()}
          >
            Ask AWS again
          </Button>
          <RunNowButton policyId={policyId} disabled={!data || data.calls.length === 0} />
        </>
      }
    >
      {data ? <Summary dryRun={data} /> : <Skeleton height={110} />}
      <ListFrame
        label="Calls to AWS"
        title="Calls to AWS"
        query={query}
        rows={data?.calls}
        rowId={({ action, region, resourceId }) => `${action} ${region} ${resourceId}`}
        columns={CALL_COLUMNS}
        skeletonRows={3}
        empty={{ Sign: IconCloudOff, title: 'It would snapshot nothing', text: 'It has no target that AWS knows.' }}
      />
      {data && data.deletions.length > 0 && (
        <ListFrame
          label="Deletions"
          title="Backups that retention would then delete"
          query={query}
          rows={data.deletions}
          rowId={({ backupId }) => backupId}
          columns={DELETION_COLUMNS}
          empty={{ Sign: IconCloudOff, title: 'It would delete nothing' }}
        />
      )}
    </Page>
  );
}

function Summary({ dryRun: { snapshots, calls, scripts, missing, notes, deletions } }: { readonly dryRun: DryRun }) {
  const deleted = deletions.reduce((sum, one) => sum + one.snapshots, 0);
  return (
    <Panel>
      <div className={classes.summary}>
        {missing.length > 0 && <Warnings warnings={missing} />}
        <Facts
          facts={[
            ['Calls', String(calls.length)],
            ['New snapshots', String(snapshots)],
            [
              'Deleted afterwards',
              deletions.length === 0 ? 'Nothing' : `${deletions.length} backups, ${deleted} snapshots`,
            ],
          ]}
        />
        {scripts.length > 0 && (
          <ul className={classes.notes} aria-label="Scripts">
            {scripts.map(({ step, text }) => (
              <li key={step}>
                {STEP_NAMES[step]}: {text}
              </li>
            ))}
          </ul>
        )}
        {notes.length > 0 && (
          <ul className={classes.notes} aria-label="Notes">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}

const CALL_COLUMNS: readonly Column<DryRun['calls'][number]>[] = [
  { id: 'action', header: 'Call', cell: ({ action }) => <code>{action}</code> },
  { id: 'name', header: 'Name', wrap: true, cell: ({ resourceName }) => resourceName || '–' },
  { id: 'id', header: 'Of', wrap: true, cell: ({ resourceId }) => <CopyableId id={resourceId} /> },
  { id: 'region', header: 'Region', cell: ({ region }) => region },
  {
    id: 'volumes',
    header: 'Volumes',
    wrap: true,
    cell: ({ volumes }) => (volumes.length === 0 ? '–' : volumes.join(', ')),
  },
];

const DELETION_COLUMNS: readonly Column<DryRun['deletions'][number]>[] = [
  {
    id: 'backup',
    header: 'Backup',
    cell: ({ backupId, startedAt }) => (
      <TextLink to="/backups/$backupId" params={{ backupId }}>
        <Moment at={startedAt} />
      </TextLink>
    ),
  },
  { id: 'reason', header: 'Why', wrap: true, cell: ({ reason }) => reason },
  { id: 'snapshots', header: 'Snapshots', align: 'end', cell: ({ snapshots }) => snapshots },
];
