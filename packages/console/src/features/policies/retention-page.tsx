import type { RetentionPreview } from '@cpm/contract';
import { NumberInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ReadProblem } from '../../app/other-pages.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { TextLink } from '../../ui/links.tsx';
import { ListFrame } from '../../ui/list-frame.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { SomeOf } from '../../ui/some-of.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { policyQuery, retentionQuery } from './queries.ts';
import classes from './retention-page.module.css';

const route = getRouteApi('/inside/policies/$policyId/retention');

const PAUSE_MS = 300;

/** Which backups of a policy are kept and which are deleted, by its own number of generations or by one that is tried. */
export function RetentionPage() {
  const { policyId } = route.useParams();
  const { generations } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: policy, error } = useQuery(policyQuery(policyId));
  const query = useQuery(retentionQuery(policyId, generations));
  const ask = useDebouncedCallback((typed: number | string) => {
    const wanted = typeof typed === 'number' && typed >= 1 ? typed : undefined;
    void navigate({ search: { generations: wanted === policy?.generations ? undefined : wanted }, replace: true });
  }, PAUSE_MS);
  if (error && !policy) return <ReadProblem error={error} onRetry={() => void query.refetch()} />;
  const deletes = query.data?.deletes;
  return (
    <Page
      title={policy ? `What is kept of ${policy.name}` : 'What is kept'}
      trail={
        <TextLink to="/policies/$policyId" params={{ policyId }}>
          {policy?.name ?? 'Policy'}
        </TextLink>
      }
      lead="As it stands now. Trying another number here changes nothing."
      actions={<ZoneSwitch />}
    >
      <ListFrame
        label="What is kept"
        query={query}
        rows={query.data?.items}
        isStale={query.isPlaceholderData}
        rowId={({ backupId }) => backupId}
        columns={COLUMNS}
        empty={{ Sign: IconHistory, title: 'No backup yet', text: 'Nothing is kept, and nothing would be deleted.' }}
        noMatch={null}
        filters={
          <div className={classes.filters}>
            {policy && (
              <NumberInput
                key={policy.id}
                size="xs"
                label="Generations to keep"
                min={1}
                allowDecimal={false}
                className={classes.number}
                defaultValue={generations ?? policy.generations}
                onChange={ask}
              />
            )}
            {deletes && (
              <output className={classes.said}>
                {deletes.backups === 0
                  ? 'Nothing would be deleted.'
                  : `${deletes.backups} ${deletes.backups === 1 ? 'backup' : 'backups'} with ${deletes.snapshots} ${deletes.snapshots === 1 ? 'snapshot' : 'snapshots'} would be deleted.`}
              </output>
            )}
          </div>
        }
      />
    </Page>
  );
}

type Item = RetentionPreview['items'][number];

const ACTIONS: Record<Item['action'], readonly [Tone, string]> = {
  keep: ['good', 'Kept'],
  delete: ['bad', 'Would be deleted'],
  forget: ['quiet', 'Record would go'],
};

const COLUMNS: readonly Column<Item>[] = [
  {
    id: 'backup',
    header: 'Backup',
    cell: ({ backupId, startedAt }) => (
      <TextLink to="/backups/$backupId" params={{ backupId }}>
        <Moment at={startedAt} />
      </TextLink>
    ),
  },
  {
    id: 'action',
    header: 'What happens',
    cell: ({ action }) => <Status tone={ACTIONS[action][0]} text={ACTIONS[action][1]} />,
  },
  { id: 'reason', header: 'Why', wrap: true, cell: ({ reason }) => reason },
  {
    id: 'snapshots',
    header: 'Snapshots',
    wrap: true,
    cell: ({ snapshots }) =>
      snapshots.length === 0 ? (
        'None'
      ) : (
        <details>
          <summary className={classes.snapshots}>{snapshots.length}</summary>
          <SomeOf items={snapshots.map(describeSnapshot)} />
        </details>
      ),
  },
];

/** A snapshot by name, with what it is of and where. */
function describeSnapshot({ awsSnapshotId, sourceId, region }: Item['snapshots'][number]): string {
  return `${awsSnapshotId} of ${sourceId} in ${region}`;
}
