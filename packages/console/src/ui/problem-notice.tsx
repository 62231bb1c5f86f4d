import { ApiError, UnreachableError } from '@cpm/contract/client';
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { isSignedOut } from '../app/api.ts';
import { CopyText } from './copy-text.tsx';
import classes from './problem-notice.module.css';

/** What went wrong, in words, with all that AWS said; `onRetry` offers to try again. */
export function ProblemNotice({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const { title, text, hint } = describeProblem(error);
  return (
    <div role="alert" className={classes.notice}>
      <IconAlertTriangle className={classes.icon} size={20} aria-hidden />
      <div className={classes.body}>
        <p className={classes.title}>{title}</p>
        {text !== title && <p className={classes.text}>{text}</p>}
        {hint !== undefined && <p className={classes.hint}>{hint}</p>}
        {error instanceof ApiError && <ProblemFacts problem={error.problem} />}
        {isSignedOut(error) && (
          <p className={classes.hint}>
            <a href="/sign-in" target="_blank" rel="noopener">
              Sign in in a new tab
            </a>
            , then send this again: nothing that you have typed is lost.
          </p>
        )}
        {onRetry && (
          <Button mt="sm" size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}

function describeProblem(error: Error): { readonly title: string; readonly text: string; readonly hint?: string } {
  if (error instanceof ApiError) {
    const { title, detail, hint, aws } = error.problem;
    // What AWS said is told below, part by part.
    return { title, text: aws ? title : (detail ?? title), ...(hint === undefined ? {} : { hint }) };
  }
  if (error instanceof UnreachableError) {
    return { title: 'The CPM server cannot be reached', text: error.message, hint: 'Check that it is running.' };
  }
  return { title: 'The console made an error', text: error.message, hint: 'Reload the page.' };
}

function ProblemFacts({ problem }: { readonly problem: ApiError['problem'] }) {
  const { aws, requestId } = problem;
  const denied = aws && problem.code === 'aws_denied';
  return (
    <>
      <dl className={classes.facts}>
        {aws && <Fact name="AWS error" value={aws.code} />}
        {aws && <Fact name="Action" value={aws.action} />}
        {aws?.region !== undefined && <Fact name="Region" value={aws.region} />}
        {aws?.message !== undefined && <Fact name="AWS says" value={aws.message} />}
        {aws?.requestId !== undefined && <Fact name="AWS request id" value={aws.requestId} />}
        {(aws === undefined || problem.status >= 500) && <Fact name="Request id" value={requestId} />}
      </dl>
      {denied && <PolicySnippet action={aws.action} />}
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function PolicySnippet({ action }: { readonly action: string }) {
  const statement = JSON.stringify({ Effect: 'Allow', Action: action, Resource: '*' }, null, 2);
  return (
    <div className={classes.snippet}>
      <div className={classes.snippetHead}>
        <span>Statement for the IAM policy of this account</span>
        <CopyText text={statement} label="Copy the statement" />
      </div>
      <pre>{statement}</pre>
    </div>
  );
}
