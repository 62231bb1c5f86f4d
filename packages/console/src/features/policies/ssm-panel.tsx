import type { Policy } from '@cpm/contract';
import { SCRIPT_STEPS } from '@cpm/core';
import { Facts, Panel } from '../../ui/page.tsx';
import { STEP_NAMES } from './policy-values.ts';
import classes from './scripts-panel.module.css';

/** The commands that AWS Systems Manager runs on the instances of a policy, step by step. */
export function SsmPanel({ scripts: { ssm, timeoutSeconds } }: Pick<Policy, 'scripts'>) {
  if (ssm === null) return null;
  const { instanceIds } = ssm;
  return (
    <Panel title="Scripts">
      <div className={classes.ssm}>
        <Facts
          facts={[
            ['Run on', instanceIds.length === 0 ? 'All instances of the policy' : instanceIds.join(', ')],
            ['Time-out', `${timeoutSeconds} s`],
          ]}
        />
        {SCRIPT_STEPS.filter((step) => ssm[step].trim() !== '').map((step) => (
          <section key={step} aria-label={STEP_NAMES[step]}>
            <h3 className={classes.step}>{STEP_NAMES[step]}</h3>
            <pre className={classes.commands}>{ssm[step]}</pre>
          </section>
        ))}
      </div>
    </Panel>
  );
}
