import type { Backup } from '@cpm/contract';
import { IconSnowflake } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatDuration } from '../../app/moments.ts';
import { TextLink } from '../../ui/links.tsx';
import { Distance, Moment, useNow } from '../../ui/moment.tsx';
import { Facts, Panel } from '../../ui/page.tsx';
import { Meter, Status } from '../../ui/status.tsx';
import classes from './backup-page.module.css';
import { PHASE_WORDS, toneOfBackup } from './queries.ts';

/** How a backup goes or went, why, and what became of it since. */
export function BackupSummary({ backup }: { readonly backup: Backup }) {
  const { status, statusText, progressPercent, phase, reasons } = backup;
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
        <Events backup={backup} />
        <Facts facts={factsOf(backup)} />
      </div>
    </Panel>
  );
}

/** What happened to it beside its outcome: aborted, tried again, frozen, deleted. */
function Events({ backup: { abort, retryAt, frozen, deletion } }: { readonly backup: Backup }) {
  return (
    <>
      {abort && (
        <p className={classes.phase}>
          {abort.by} asked to abort it <Moment at={abort.at} />.
        </p>
      )}
      {retryAt !== null && (
        <p className={classes.phase}>
          It is tried again <Moment at={retryAt} />, <Distance at={retryAt} />, unless its schedule fires before.
        </p>
      )}
      {frozen && (
        <p className={classes.frozen}>
          <IconSnowflake size={16} aria-hidden />
          <span>
            In the freezer as <strong>{frozen.name}</strong>, put there by {frozen.by} <Moment at={frozen.at} />. It is
            deleted only by hand.
            {frozen.description !== '' && <span className={classes.description}>{frozen.description}</span>}
          </span>
        </p>
      )}
      {deletion && (
        <p className={classes.phase}>
          {deletion.state === 'deleted' ? 'Deleted' : 'Marked for deletion'} <Moment at={deletion.at} />:{' '}
          {deletion.reason}
        </p>
      )}
    </>
  );
}

/** What started a backup; of a retry with a link to the one that it tries again. */
export function TriggerWords({ backup: { trigger, retry } }: { readonly backup: Backup }): ReactNode {
  if (trigger === 'schedule') return 'Schedule';
  if (trigger === 'manual') return 'Run now';
  const words = retry === null ? 'Retry' : `Retry ${retry.number}`;
  if (retry?.of === null || retry === null) return words;
  return (
    <>
      {words} of{' '}
      <TextLink to="/backups/$backupId" params={{ backupId: retry.of }}>
        an earlier backup
      </TextLink>
    </>
  );
}

type FactPairs = Parameters<typeof Facts>[0]['facts'];

function factsOf(backup: Backup): FactPairs {
  const { policy, account, dueAt, startedAt, endedAt, snapshotCount, sizeGiB, isGeneration } = backup;
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
    ['Started by', <TriggerWords key="trigger" backup={backup} />],
    ...(dueAt === null ? [] : [['Due', <Moment key="due" at={dueAt} />] as const]),
    ['Start', <Moment key="start" at={startedAt} />],
    ['End', endedAt === null ? <Elapsed key="end" since={startedAt} /> : <Moment key="end" at={endedAt} />],
    ...(endedAt === null ? [] : [['Took', formatDuration(Date.parse(endedAt) - Date.parse(startedAt))] as const]),
    ['Snapshots', `${snapshotCount}, ${sizeGiB} GiB`],
    ...momentsOf(backup),
    ['Counts as generation', isGeneration ? 'Yes' : endedAt === null ? 'Not yet' : 'No'],
  ];
}

/** How close together the snapshots were started, and how long the application stood still for them. */
function momentsOf({ startSkewMs, freezeWindowMs }: Backup): FactPairs {
  const pairs: [string, number | null][] = [
    ['First to last snapshot call', startSkewMs],
    ['Application stood still for', freezeWindowMs],
  ];
  return pairs.flatMap(([name, ms]) => (ms === null ? [] : [[name, formatShort(ms)] as const]));
}

const formatShort = (ms: number): string => (ms < 10_000 ? `${ms} ms` : formatDuration(ms));

function Elapsed({ since }: { readonly since: string }) {
  const now = useNow(1000);
  return `Running for ${formatDuration(now - Date.parse(since))}`;
}
