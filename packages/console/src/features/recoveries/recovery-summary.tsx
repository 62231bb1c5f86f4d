import type { Recovery } from '@cpm/contract';
import { formatDuration } from '../../app/moments.ts';
import { TextLink } from '../../ui/links.tsx';
import { Moment, useNow } from '../../ui/moment.tsx';
import { Facts, Panel } from '../../ui/page.tsx';
import { Meter, Status } from '../../ui/status.tsx';
import { Warnings } from '../../ui/warnings.tsx';
import { capitalized } from './object-words.ts';
import { toneOfRecovery } from './queries.ts';
import classes from './recovery-page.module.css';

/** How a recovery goes or went, why, and what will differ. */
export function RecoverySummary({ recovery }: { readonly recovery: Recovery }) {
  const { status, statusText, step, progressPercent, reasons, warnings, endedAt } = recovery;
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
              <li key={reason}>{capitalized(reason)}</li>
            ))}
          </ul>
        )}
        {warnings.length > 0 && (
          <section className={classes.differences} aria-label="What differs from the original">
            <Warnings warnings={warnings.map(capitalized)} />
          </section>
        )}
        <SummaryFacts recovery={recovery} />
      </div>
    </Panel>
  );
}

function SummaryFacts({ recovery }: { readonly recovery: Recovery }) {
  const { backupId, policyName, accountName, region, groupId, usesOwnCredentials, startedAt, endedAt } = recovery;
  return (
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
        endedAt === null
          ? ['Running for', <Elapsed key="elapsed" since={startedAt} />]
          : ['Took', formatDuration(Date.parse(endedAt) - Date.parse(startedAt))],
        ...(groupId === null
          ? []
          : [
              [
                'Together with',
                <TextLink key="group" to="/recoveries" search={{ groupId }}>
                  Others of its group
                </TextLink>,
              ] as const,
            ]),
        ...(usesOwnCredentials ? [['Credentials', 'Other than the account’s'] as const] : []),
      ]}
    />
  );
}

function Elapsed({ since }: { readonly since: string }) {
  const now = useNow(1_000);
  return formatDuration(now - Date.parse(since));
}
