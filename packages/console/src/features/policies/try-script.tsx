import type { Policy, ScriptTrial } from '@cpm/contract';
import type { ScriptStep } from '@cpm/core';
import { Button, Radio } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { formatDuration } from '../../app/moments.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/page.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { ScriptOutput } from '../../ui/script-output.tsx';
import { Status } from '../../ui/status.tsx';
import { STEP_NAMES } from './policy-values.ts';
import classes from './try-script.module.css';

type TryScriptProps = { readonly policy: Policy; readonly step: ScriptStep; readonly canRun: boolean };

/** Runs one script of a policy by itself, as a backup would, and shows how it ended. */
export function TryScript({ policy, step, canRun }: TryScriptProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        disabled={!canRun}
        leftSection={<IconPlayerPlay size={14} />}
        aria-label={`Test: ${STEP_NAMES[step].toLowerCase()}`}
        onClick={() => setOpen(true)}
      >
        Test
      </Button>
      <Dialog
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`Test the script: ${STEP_NAMES[step].toLowerCase()}`}
      >
        <TestRun policy={policy} step={step} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

type TestRunProps = { readonly policy: Policy; readonly step: ScriptStep; readonly onClose: () => void };

function TestRun({ policy, step, onClose }: TestRunProps) {
  const [argument, setArgument] = useState<'1' | '0'>('1');
  const test = useMutation({
    mutationFn: () =>
      call('POST /policies/:policyId/scripts/:step/test', {
        params: { policyId: policy.id, step },
        body: step === 'before' ? {} : { argument },
      }),
  });
  return (
    <div className={classes.body}>
      <p>
        It really runs, now, with all that it does; only no snapshot is made. It is ended after{' '}
        {policy.scripts.timeoutSeconds} seconds.
      </p>
      {step !== 'before' && (
        <Radio.Group
          label="Which argument it gets"
          value={argument}
          onChange={(next) => setArgument(next === '0' ? '0' : '1')}
        >
          <Radio
            value="1"
            mt={6}
            label={step === 'after' ? '1: the script before succeeded' : '1: the whole backup was fine'}
          />
          <Radio value="0" mt={6} label={step === 'after' ? '0: the script before failed' : '0: something failed'} />
        </Radio.Group>
      )}
      {test.data && <TestResult result={test.data} />}
      {test.error && <ProblemNotice error={test.error} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button loading={test.isPending} onClick={() => test.mutate()}>
          {test.data ? 'Run it again' : 'Run it now'}
        </Button>
      </div>
    </div>
  );
}

function TestResult({ result }: { readonly result: ScriptTrial }) {
  const isGood = result.ended === 'succeeded';
  return (
    <div className={classes.result} aria-live="polite">
      <Status tone={isGood ? 'good' : 'bad'} text={isGood ? 'It succeeded' : 'It failed'} />
      {result.reason !== null && <p>{result.reason}</p>}
      <Facts
        facts={[
          ['Took', formatDuration(result.durationMs)],
          ...(result.exitCode === null ? [] : [['Exit code', String(result.exitCode)] as const]),
        ]}
      />
      <ScriptOutput output={result.output} />
    </div>
  );
}
