import type { Recovery } from '@cpm/contract';
import { Button } from '@mantine/core';
import { IconArrowBackUp, IconCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { Panel } from '../../ui/page.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { tell, tellProblem } from '../../ui/tell.tsx';
import { capitalized, counted } from './object-words.ts';
import classes from './recovery-page.module.css';
import { RollBackDialog } from './roll-back-dialog.tsx';

type RollBack = Recovery['rollBack'];
const STATES: Record<RollBack['state'], readonly [Tone, string]> = {
  impossible: ['quiet', 'Nothing to roll back'],
  offered: ['quiet', 'Not decided yet'],
  kept: ['good', 'Kept'],
  running: ['running', 'Being rolled back'],
  done: ['quiet', 'Rolled back'],
  failed: ['bad', 'Rolling back failed'],
};

/** Whether what was made stays or goes again: the decision, and what came of it (U33). */
export function SettleRecovery({ recovery }: { readonly recovery: Recovery }) {
  const { rollBack, endedAt } = recovery;
  const [isAsking, setAsking] = useState(false);
  const keep = useKeep(recovery.id);
  if (endedAt === null || (rollBack.state === 'impossible' && rollBack.objects.length === 0 && isSelfEvident(rollBack)))
    return null;
  const [tone, text] = STATES[rollBack.state];
  const mayRollBack = rollBack.state === 'offered' || rollBack.state === 'failed';
  return (
    <Panel title="Keep it or take it back">
      <div className={classes.settle}>
        <div className={classes.settled} aria-live="polite">
          <Status tone={tone} text={text} />
          {rollBack.state === 'offered' && (
            <span className={classes.step}>
              Rolling back takes away {counted(rollBack.objects.length, 'object')}. What you keep stays in AWS and is
              paid for.
            </span>
          )}
        </div>
        {rollBack.reasons.length > 0 && (
          <ul className={classes.reasons} aria-label="Why">
            {rollBack.reasons.map((reason) => (
              <li key={reason}>{capitalized(reason)}</li>
            ))}
          </ul>
        )}
        {mayRollBack && (
          <div className={classes.buttons}>
            <Button leftSection={<IconCheck size={16} />} loading={keep.isPending} onClick={() => keep.mutate()}>
              Keep
            </Button>
            <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={() => setAsking(true)}>
              Roll back
            </Button>
          </div>
        )}
      </div>
      {isAsking && <RollBackDialog recovery={recovery} onClose={() => setAsking(false)} />}
    </Panel>
  );
}

/** A failed recovery that left nothing needs no panel to say so: the list of what it made does. */
const isSelfEvident = ({ reasons }: RollBack): boolean => reasons.length <= 1;

function useKeep(recoveryId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => call('POST /recoveries/:recoveryId/keep', { params: { recoveryId } }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['recoveries'] });
      tell('What was recovered stays.');
    },
    onError: (error) => tellProblem('It could not be kept', error),
  });
}
