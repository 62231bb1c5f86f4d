import type { Recovery } from '@cpm/contract';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { formatDuration } from '../../app/moments.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { CopyableId } from '../../ui/copy-text.tsx';
import { DataTable, type Column } from '../../ui/data-table.tsx';
import { TextLink } from '../../ui/links.tsx';
import { LogPanel } from '../../ui/log-panel.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Facts, Page, Panel } from '../../ui/page.tsx';
import { Meter, Status, type Tone } from '../../ui/status.tsx';
import { recoveryQuery, toneOfRecovery } from './queries.ts';
import classes from './recovery-page.module.css';

const route = getRouteApi('/inside/recoveries/$recoveryId');

/** One recovery: its steps while it runs, and all it made, with ids to copy. */
export function RecoveryPage() {
  const { recoveryId } = route.useParams();
  const { data: recovery, error, refetch } = useQuery(recoveryQuery(recoveryId));
  if (error && !recovery) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={recovery ? titleOf(recovery) : 'Recovery'}
      trail={<TextLink to="/recoveries">Recoveries</TextLink>}
      actions={<ZoneSwitch />}
    >
      {recovery ? <RecoverySummary recovery={recovery} /> : <Skeleton height={170} />}
      {recovery && <MadeObjects recovery={recovery} />}
      <LogPanel
        queryKey={['recoveries', 'log', recoveryId]}
        readLog={(query, signal) => call('GET /recoveries/:recoveryId/log', { params: { recoveryId }, query, signal })}
        fileName={`recovery-${recoveryId}.log`}
      />
      {recovery && (
        <Panel title="What was asked for">
          <pre className={classes.inputs}>{JSON.stringify(recovery.inputs, null, 2)}</pre>
        </Panel>
      )}
    </Page>
  );
}

function titleOf({ kind, sourceName }: Recovery): string {
  return kind === 'instance' ? `Recovery of the instance ${sourceName}` : `Recovery of volumes: ${sourceName}`;
}

function RecoverySummary({ recovery }: { readonly recovery: Recovery }) {
  const {
    status,
    statusText,
    step,
    progressPercent,
    reasons,
    backupId,
    policyName,
    accountName,
    region,
    startedAt,
    endedAt,
    warnings,
  } = recovery;
  const isRunning = endedAt === null;
  return (
    <Panel>
      <div className={classes.summary}>
        <div className={classes.status} aria-live="polite">
          <Status tone={toneOfRecovery(status)} text={statusText} />
          {isRunning && <span className={classes.step}>{step}</span>}
        </div>
        {isRunning && <Meter percent={progressPercent} label="Progress of the recovery" />}
        {reasons.length > 0 && (
          <ul className={classes.reasons} aria-label="Reasons">
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        {warnings.length > 0 && (
          <ul className={classes.warnings} aria-label="What differs from the original">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        )}
        <Facts
          facts={[
            [
              'From',
              <TextLink key="backup" to="/backups/$backupId" params={{ backupId }}>
                Backup of {policyName}
              </TextLink>,
            ],
            ['Account', accountName],
            ['Region', region],
            ['Start', <Moment key="start" at={startedAt} />],
            ['End', <Moment key="end" at={endedAt} />],
            ...(endedAt === null
              ? []
              : [['Took', formatDuration(Date.parse(endedAt) - Date.parse(startedAt))] as const]),
          ]}
        />
      </div>
    </Panel>
  );
}

type MadeObject = Recovery['objects'][number];
const KINDS: Record<MadeObject['kind'], string> = {
  volume: 'Volume',
  instance: 'Instance',
  image: 'Image',
  attachment: 'Attachment',
  database: 'Database',
  'database-cluster': 'Database cluster',
  'redshift-cluster': 'Redshift cluster',
};
const STATES: Record<MadeObject['state'], readonly [Tone, string]> = {
  creating: ['running', 'Being made'],
  kept: ['good', 'Made'],
  removed: ['quiet', 'Removed again'],
  failed: ['bad', 'Failed'],
};

const COLUMNS: readonly Column<MadeObject>[] = [
  { id: 'kind', header: 'Kind', cell: ({ kind }) => KINDS[kind] },
  { id: 'id', header: 'Id', cell: ({ awsId }) => (awsId === null ? '–' : <CopyableId id={awsId} />) },
  { id: 'region', header: 'Region', cell: ({ region }) => region },
  { id: 'state', header: 'State', cell: ({ state }) => <Status tone={STATES[state][0]} text={STATES[state][1]} /> },
  { id: 'note', header: 'Note', wrap: true, cell: ({ note }) => note || '–' },
  { id: 'made', header: 'When', cell: ({ madeAt }) => <Moment at={madeAt} /> },
];

function MadeObjects({ recovery: { objects, endedAt } }: { readonly recovery: Recovery }) {
  return (
    <Panel title="What it made in AWS" flush>
      {objects.length === 0 ? (
        <p className={classes.none}>{endedAt === null ? 'Nothing yet.' : 'It made nothing.'}</p>
      ) : (
        <DataTable
          label="Made objects"
          columns={COLUMNS}
          rows={objects}
          rowId={({ kind, awsId, madeAt }) => `${kind} ${awsId} ${madeAt}`}
        />
      )}
    </Panel>
  );
}
