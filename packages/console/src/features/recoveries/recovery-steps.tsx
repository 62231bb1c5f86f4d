import type { Recovery } from '@cpm/contract';
import { Panel } from '../../ui/page.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { capitalized } from './object-words.ts';
import classes from './recovery-page.module.css';

type Step = Recovery['steps'][number];
const STATES: Record<Step['state'], readonly [Tone, string]> = {
  waiting: ['quiet', 'Waiting'],
  running: ['running', 'Running'],
  done: ['good', 'Done'],
  failed: ['bad', 'Failed'],
};

/** The steps of a recovery on a line, live. */
export function RecoverySteps({ steps }: { readonly steps: readonly Step[] }) {
  if (steps.length === 0) return null;
  return (
    <Panel title="Steps">
      <ol className={classes.steps} aria-label="Steps of the recovery">
        {steps.map(({ text, state }, index) => (
          <li key={`${index} ${text}`} className={classes.stepLine} data-state={state} {...current(state)}>
            <span className={classes.stepText}>{capitalized(text)}</span>
            <Status tone={STATES[state][0]} text={STATES[state][1]} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

const current = (state: Step['state']) => (state === 'running' ? ({ 'aria-current': 'step' } as const) : {});
