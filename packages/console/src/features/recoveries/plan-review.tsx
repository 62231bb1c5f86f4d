import type { RecoveryPlan } from '@cpm/contract';
import { Button } from '@mantine/core';
import { CopyText } from '../../ui/copy-text.tsx';
import { Panel } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { Warnings } from '../../ui/warnings.tsx';
import { describeApiCall, type ApiCall } from './api-call.ts';
import { capitalized, CHECK_NAMES, CHECK_RESULTS, counted } from './object-words.ts';
import classes from './plan-review.module.css';
import { PlannedObjects } from './planned-objects.tsx';

type ReviewProps = {
  readonly plan: RecoveryPlan;
  /** The name of the section, such as of one instance among several. */
  readonly title?: string;
  /** Brings the person to the field that a finding is about; absent where there is no such form. */
  readonly onField?: (path: string) => void;
  readonly apiCall?: ApiCall;
};

/** What CPM found before anything is made, and what it would make, change and delete (U31, U32). */
export function PlanReview({ plan, title = 'What was checked', onField, apiCall }: ReviewProps) {
  const { checks, objects, steps, warnings, missingPermissions } = plan;
  return (
    <>
      <Panel title={title} tools={<Verdict plan={plan} />}>
        <ul className={classes.checks}>
          {checks.map((check) => (
            <CheckLine key={check.name} check={check} onField={onField} />
          ))}
        </ul>
        {missingPermissions && (
          <Snippet
            title="What the credentials lack, as an IAM policy"
            label="Copy the IAM policy"
            text={JSON.stringify(missingPermissions, null, 2)}
          />
        )}
      </Panel>
      {objects.length > 0 && (
        <Panel title="What it does in AWS" tools={<ObjectCount plan={plan} />} flush>
          <PlannedObjects objects={objects} label="Planned objects" />
        </Panel>
      )}
      {warnings.length > 0 && (
        <Panel title="What will differ from the original">
          <div className={classes.warnings}>
            <Warnings warnings={warnings.map(capitalized)} />
          </div>
        </Panel>
      )}
      {(steps.length > 0 || apiCall) && (
        <Panel title="How it goes">
          <ol className={classes.steps} aria-label="Steps">
            {steps.map((step) => (
              <li key={step}>{capitalized(step)}</li>
            ))}
          </ol>
          {apiCall && (
            <details className={classes.call}>
              <summary>The same as a call of the API</summary>
              <Snippet
                title="For a shell, with an API token in CPM_TOKEN"
                label="Copy the API call"
                text={describeApiCall(window.location.origin, apiCall)}
              />
            </details>
          )}
        </Panel>
      )}
    </>
  );
}

type Check = RecoveryPlan['checks'][number];

function CheckLine({ check: { name, result, findings }, onField }: CheckLineProps) {
  const [tone, word] = CHECK_RESULTS[result];
  return (
    <li className={classes.check}>
      <span className={classes.name}>{CHECK_NAMES[name]}</span>
      <Status tone={tone} text={word} />
      {findings.length > 0 && (
        <ul className={classes.findings}>
          {findings.map(({ path, message, result: how, fix }) => (
            <li key={`${path} ${message}`} className={classes.finding}>
              {findings.some((other) => other.result !== how) && (
                <Status tone={CHECK_RESULTS[how][0]} text={CHECK_RESULTS[how][1]} />
              )}
              <span className={classes.message}>{asSentence(message)}</span>
              {fix !== null && <span className={classes.fix}>{asSentence(fix)}</span>}
              {onField && path !== '' && (
                <Button size="compact-xs" variant="default" onClick={() => onField(path)}>
                  Go to the field
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
type CheckLineProps = { readonly check: Check; readonly onField: ReviewProps['onField'] };

const asSentence = (text: string): string => `${capitalized(text)}${/[.!?]$/.test(text) ? '' : '.'}`;

function Verdict({ plan: { canStart, checks } }: { readonly plan: RecoveryPlan }) {
  const failed = checks.filter(({ result }) => result === 'fail').length;
  const warned = checks.filter(({ result }) => result === 'warn').length;
  if (!canStart) return <Status tone="bad" text={`${counted(failed, 'check')} failed: nothing can start`} />;
  return warned === 0 ? (
    <Status tone="good" text="All passed" />
  ) : (
    <Status tone="warning" text={`It can start, with ${counted(warned, 'warning')}`} />
  );
}

function ObjectCount({ plan: { objects } }: { readonly plan: RecoveryPlan }) {
  const of = (action: string) => objects.filter((object) => object.action === action).length;
  const words = [
    [of('create'), 'made'],
    [of('change'), 'changed'],
    [of('delete'), 'deleted'],
  ] as const;
  const shown = words.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return <span className={classes.count}>{shown.join(', ')}</span>;
}

function Snippet({ title, label, text }: { readonly title: string; readonly label: string; readonly text: string }) {
  return (
    <div className={classes.snippet}>
      <div className={classes.snippetHead}>
        <span>{title}</span>
        <CopyText text={text} label={label} />
      </div>
      <pre>{text}</pre>
    </div>
  );
}
