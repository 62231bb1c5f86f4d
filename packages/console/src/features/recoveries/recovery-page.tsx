import type { Recovery } from '@cpm/contract';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { call } from '../../app/api.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { TextLink } from '../../ui/links.tsx';
import { LogPanel } from '../../ui/log-panel.tsx';
import { ZoneSwitch } from '../../ui/moment.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { MadeObjects } from './made-objects.tsx';
import { RECOVERED_KINDS } from './object-words.ts';
import { recoveryQuery } from './queries.ts';
import { CompareRecovery } from './recovery-comparison.tsx';
import classes from './recovery-page.module.css';
import { RecoverySteps } from './recovery-steps.tsx';
import { RecoverySummary } from './recovery-summary.tsx';
import { SettleRecovery } from './settle-recovery.tsx';

const route = getRouteApi('/inside/recoveries/$recoveryId');

/** One recovery: its steps while it runs, all it made, and what can be done with that. */
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
      {recovery && (
        <>
          <RecoverySteps steps={recovery.steps} />
          <MadeObjects recovery={recovery} />
          <SettleRecovery recovery={recovery} />
          <CompareRecovery recovery={recovery} />
        </>
      )}
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
  if (kind === 'volumes') return `Recovery of volumes: ${sourceName}`;
  const noun = kind === 'redshift-cluster' ? RECOVERED_KINDS[kind] : RECOVERED_KINDS[kind].toLowerCase();
  return `Recovery of the ${noun} ${sourceName}`;
}
