import type { BackedUpResource, Backup, Snapshot } from '@cpm/contract';
import { isDatabaseKind } from '@cpm/core';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CopyableId } from '../../ui/copy-text.tsx';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Panel } from '../../ui/page.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { Meter, Status, type Tone } from '../../ui/status.tsx';
import classes from './backed-up-resources.module.css';
import { KIND_NAMES } from '../accounts/kinds.ts';
import { DatabaseFacts } from './database-facts.tsx';
import { backedUpResourcesQuery } from './queries.ts';

/** What a backup holds, resource by resource, with the snapshots of each. */
export function BackedUpResources({ backup }: { readonly backup: Backup }) {
  const { data, error, refetch } = useQuery(backedUpResourcesQuery(backup.id));
  if (error && !data) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={220} />;
  return (
    <Panel title="Snapshots" tools={<span className={classes.count}>{countOf(data.items)}</span>} flush>
      {data.items.length === 0 && <p className={classes.none}>This backup holds nothing.</p>}
      {data.items.map((resource) => (
        <ResourceSection key={resource.id} resource={resource} />
      ))}
    </Panel>
  );
}

function countOf(resources: readonly BackedUpResource[]): string {
  return resources.length === 1 ? '1 resource' : `${resources.length} resources`;
}

const STATES: Record<BackedUpResource['state'], readonly [Tone, string]> = {
  recoverable: ['good', 'Recoverable'],
  partial: ['warning', 'Partly recoverable'],
  'configuration-only': ['good', 'Configuration recorded'],
  failed: ['bad', 'Failed'],
  removed: ['quiet', 'Removed from the policy'],
  'in-progress': ['running', 'In progress'],
};

function ResourceSection({ resource }: { readonly resource: BackedUpResource }) {
  const { kind, resourceId, resourceName, region, zone, instanceType, platform, message, snapshots } = resource;
  const isDatabase = isDatabaseKind(kind);
  const [tone, text] = STATES[resource.state];
  const facts = [KIND_NAMES[kind][0], instanceType, platform, zone || region].filter(Boolean);
  return (
    <section className={classes.resource} aria-label={resourceName || resourceId}>
      <div className={classes.head}>
        <div className={classes.titles}>
          <h3 className={classes.title}>{resourceName || resourceId}</h3>
          <div className={classes.facts}>
            <CopyableId id={resourceId} />
            <span>{facts.join(' · ')}</span>
          </div>
        </div>
        <Status tone={tone} text={text} />
      </div>
      {message !== null && <p className={classes.message}>{message}</p>}
      {snapshots.length > 0 && (
        <DataTable
          label={`Snapshots of ${resourceName || resourceId}`}
          columns={isDatabase ? DATABASE_COLUMNS : EBS_COLUMNS}
          rows={snapshots}
          rowId={({ id }) => id}
        />
      )}
      {resource.database && <DatabaseFacts database={resource.database} />}
    </section>
  );
}

const SNAPSHOT_STATES: Record<Snapshot['state'], readonly [Tone, string]> = {
  intended: ['running', 'Starting'],
  pending: ['running', 'Pending'],
  completed: ['good', 'Completed'],
  error: ['bad', 'Failed'],
  deleted: ['quiet', 'Deleted'],
  missing: ['bad', 'Gone from AWS'],
};

const NAME_COLUMN: Column<Snapshot> = {
  id: 'snapshot',
  header: 'Snapshot',
  wrap: true,
  cell: ({ awsSnapshotId }) => (awsSnapshotId === null ? '–' : <CopyableId id={awsSnapshotId} />),
};
const VOLUME_COLUMNS: readonly Column<Snapshot>[] = [
  { id: 'volume', header: 'Volume', cell: ({ sourceId }) => <CopyableId id={sourceId} /> },
  {
    id: 'device',
    header: 'Device',
    cell: ({ device, isRoot }) => (device === null ? '–' : `${device}${isRoot ? ' (root)' : ''}`),
  },
];
const STATE_COLUMNS: readonly Column<Snapshot>[] = [
  { id: 'size', header: 'Size', align: 'end', cell: ({ sizeGiB }) => (sizeGiB === 0 ? '–' : `${sizeGiB} GiB`) },
  { id: 'encrypted', header: 'Encrypted', cell: ({ encrypted }) => (encrypted ? 'Yes' : 'No') },
  { id: 'state', header: 'State', cell: (snapshot) => <SnapshotStateCell snapshot={snapshot} /> },
  { id: 'completed', header: 'Completed', cell: ({ completedAt }) => <Moment at={completedAt} /> },
];
const EBS_COLUMNS = [NAME_COLUMN, ...VOLUME_COLUMNS, ...STATE_COLUMNS];
/** The snapshot of a database is of all of it: there is no volume to name. */
const DATABASE_COLUMNS = [NAME_COLUMN, ...STATE_COLUMNS];

function SnapshotStateCell({ snapshot }: { readonly snapshot: Snapshot }) {
  const { state, progressPercent, message, awsSnapshotId, sourceId } = snapshot;
  const [tone, text] = SNAPSHOT_STATES[state];
  return (
    <div className={classes.state}>
      <Status tone={tone} text={text} percent={state === 'pending' ? progressPercent : undefined} />
      {state === 'pending' && (
        <Meter percent={progressPercent} label={`Progress of ${awsSnapshotId ?? `the snapshot of ${sourceId}`}`} />
      )}
      {message !== null && <span className={classes.why}>{message}</span>}
    </div>
  );
}
