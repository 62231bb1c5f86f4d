import type { Backup } from '@cpm/contract';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { formatDuration } from '../../app/moments.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { LogPanel } from '../../ui/log-panel.tsx';
import { Moment, useNow, ZoneSwitch } from '../../ui/moment.tsx';
import { Facts, Page, Panel } from '../../ui/page.tsx';
import { Meter, Status } from '../../ui/status.tsx';
import { BackedUpResources } from './backed-up-resources.tsx';
import classes from './backup-page.module.css';
import { backupQuery, PHASE_WORDS, toneOfBackup } from './queries.ts';

const route = getRouteApi('/inside/backups/$backupId');

/** One backup: how it goes or went, what it holds, its log, and the ways to recover. */
export function BackupPage() {
  const { backupId } = route.useParams();
  const { data: backup, error, refetch } = useQuery(backupQuery(backupId));
  if (error && !backup) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={backup ? `Backup of ${backup.policy.name}` : 'Backup'}
      trail={<TextLink to="/backups">Backup Monitor</TextLink>}
      actions={
        <>
          <ZoneSwitch />
          <ButtonLink to="/recoveries" search={{ backupId }} variant="default">
            Its recoveries
          </ButtonLink>
        </>
      }
    >
      {backup ? <BackupSummary backup={backup} /> : <Skeleton height={170} />}
      {backup && <BackedUpResources backup={backup} />}
      <LogPanel
        queryKey={['backups', 'log', backupId]}
        readLog={(query, signal) => call('GET /backups/:backupId/log', { params: { backupId }, query, signal })}
        fileName={`backup-${backup?.policy.name ?? ''}-${backupId}.log`}
      />
    </Page>
  );
}

function BackupSummary({ backup }: { readonly backup: Backup }) {
  const { status, statusText, progressPercent, phase, reasons, deletion } = backup;
  const isRunning = status === 'in-progress';
  return (
    <Panel>
      <div className={classes.summary}>
        <div className={classes.status} aria-live="polite">
          <Status tone={toneOfBackup(status)} text={statusText} />
          {isRunning && <span className={classes.phase}>{PHASE_WORDS[phase]}</span>}
        </div>
        {isRunning && <Meter percent={progressPercent} label="Progress of the backup" />}
        {reasons.length > 0 && (
          <ul className={classes.reasons} aria-label="Reasons">
            {reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        {deletion && (
          <p className={classes.phase}>
            {deletion.state === 'deleted' ? 'Deleted' : 'Marked for deletion'} <Moment at={deletion.at} />:{' '}
            {deletion.reason}
          </p>
        )}
        <Facts facts={factsOf(backup)} />
      </div>
    </Panel>
  );
}

function factsOf(backup: Backup): Parameters<typeof Facts>[0]['facts'] {
  const { policy, account, trigger, dueAt, startedAt, endedAt, snapshotCount, sizeGiB, startSkewMs, isGeneration } =
    backup;
  return [
    [
      'Policy',
      policy.id === null ? (
        `${policy.name} (deleted)`
      ) : (
        <TextLink key="policy" to="/policies/$policyId" params={{ policyId: policy.id }}>
          {policy.name}
        </TextLink>
      ),
    ],
    ['Account', account.name],
    ['Started by', trigger === 'schedule' ? 'Schedule' : 'Run now'],
    ...(dueAt === null ? [] : [['Due', <Moment key="due" at={dueAt} />] as const]),
    ['Start', <Moment key="start" at={startedAt} />],
    ['End', endedAt === null ? <Elapsed key="end" since={startedAt} /> : <Moment key="end" at={endedAt} />],
    ...(endedAt === null ? [] : [['Took', formatDuration(Date.parse(endedAt) - Date.parse(startedAt))] as const]),
    ['Snapshots', `${snapshotCount}, ${sizeGiB} GiB`],
    ...(startSkewMs === null ? [] : [['First to last snapshot call', `${startSkewMs} ms`] as const]),
    ['Counts as generation', isGeneration ? 'Yes' : endedAt === null ? 'Not yet' : 'No'],
  ];
}

function Elapsed({ since }: { readonly since: string }) {
  const now = useNow(1000);
  return `Running for ${formatDuration(now - Date.parse(since))}`;
}
