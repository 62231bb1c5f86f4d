import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Panel } from '../../ui/page.tsx';
import { Meter, Status, type Tone } from '../../ui/status.tsx';
import { counted } from './object-words.ts';
import { groupQuery } from './queries.ts';
import classes from './recovery-page.module.css';
import { summarizeGroup } from './summarize-group.ts';

/** How the recoveries that were asked for together go, in one line. */
export function RecoveryGroup({ groupId }: { readonly groupId: string }) {
  const { data } = useQuery(groupQuery(groupId));
  if (!data) return <Skeleton height={60} />;
  if (data.items.length === 0) return null;
  const { running, successful, partial, failed, percent } = summarizeGroup(data.items);
  const parts = [
    ['running', running, 'in progress'],
    ['good', successful, 'successful'],
    ['warning', partial, 'partially successful'],
    ['bad', failed, 'failed'],
  ] as const satisfies readonly (readonly [Tone, number, string])[];
  return (
    <Panel>
      <div className={classes.summary}>
        <div className={classes.status} aria-live="polite">
          <strong>{counted(data.items.length, 'recovery', 'recoveries')}</strong>
          {parts.map(([tone, count, word]) => count > 0 && <Status key={word} tone={tone} text={`${count} ${word}`} />)}
        </div>
        {running > 0 && <Meter percent={percent} label="Progress of all of them" />}
      </div>
    </Panel>
  );
}
