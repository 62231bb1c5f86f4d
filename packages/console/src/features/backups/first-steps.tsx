import { VisuallyHidden } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { accountsQuery } from '../accounts/queries.ts';
import { policiesQuery } from '../policies/queries.ts';
import { RunNowButton } from '../policies/run-now.tsx';
import { schedulesQuery } from '../schedules/queries.ts';
import classes from './first-steps.module.css';

type Step = { readonly title: string; readonly text: string; readonly isDone: boolean; readonly action: ReactNode };

/** The way from an empty server to the first backup; shown as long as there is none. */
export function FirstSteps() {
  const [accounts, schedules, policies] = [useQuery(accountsQuery), useQuery(schedulesQuery), useQuery(policiesQuery)];
  const failed = [accounts, schedules, policies].find(({ error }) => error !== null);
  const steps = findSteps({
    hasAccount: (accounts.data?.items.length ?? 0) > 0,
    hasSchedule: (schedules.data?.items.length ?? 0) > 0,
    policies: policies.data?.items ?? [],
  });
  const nextStep = steps.find(({ isDone }) => !isDone);
  const doneCount = steps.filter(({ isDone }) => isDone).length;
  return (
    <Page
      title="Backup Monitor"
      lead={
        <>
          There is no backup yet. These steps lead to the first one, now or later.{' '}
          <TextLink to="/backups" search={{ deleted: true }}>
            Show deleted ones
          </TextLink>
        </>
      }
    >
      {failed?.error && <ProblemNotice error={failed.error} onRetry={() => void failed.refetch()} />}
      <Panel
        title="First steps"
        tools={
          <span className={classes.count}>
            {doneCount} of {steps.length} done
          </span>
        }
        flush
      >
        <ol className={classes.steps}>
          {steps.map((step, index) => (
            <li key={step.title} className={classes.step} data-next={step === nextStep || undefined}>
              {step.isDone ? (
                <span className={classes.done}>
                  <VisuallyHidden>Done: </VisuallyHidden>
                  <IconCircleCheckFilled size={22} aria-hidden />
                </span>
              ) : (
                <span className={classes.open}>
                  <IconCircle size={22} aria-hidden />
                  <span>{index + 1}</span>
                </span>
              )}
              <div className={classes.words}>
                <h3 className={classes.title}>{step.title}</h3>
                <p className={classes.text}>{step.text}</p>
              </div>
              <div className={classes.action}>{step.action}</div>
            </li>
          ))}
        </ol>
      </Panel>
    </Page>
  );
}

type Facts = {
  readonly hasAccount: boolean;
  readonly hasSchedule: boolean;
  readonly policies: readonly { readonly id: string; readonly name: string; readonly targetCount: number }[];
};

function findSteps({ hasAccount, hasSchedule, policies }: Facts): readonly Step[] {
  const [policy] = policies;
  const withTargets = policies.find(({ targetCount }) => targetCount > 0);
  const variant = (isDone: boolean) => (isDone ? 'default' : 'filled');
  return [
    {
      title: 'Add an AWS account',
      text: 'CPM verifies the access key with AWS before it keeps it.',
      isDone: hasAccount,
      action: (
        <ButtonLink to="/accounts/new" size="xs" variant={variant(hasAccount)}>
          Add an account
        </ButtonLink>
      ),
    },
    {
      title: 'Make a schedule',
      text: 'When backups start: such as every day at 02:00 in your time zone.',
      isDone: hasSchedule,
      action: (
        <ButtonLink to="/schedules/new" size="xs" variant={hasSchedule || !hasAccount ? 'default' : 'filled'}>
          Make a schedule
        </ButtonLink>
      ),
    },
    {
      title: 'Make a policy',
      text: 'What belongs together: an account, its schedules, and how many generations are kept.',
      isDone: policy !== undefined,
      action: (
        <ButtonLink to="/policies/new" size="xs" variant={policy || !hasSchedule ? 'default' : 'filled'}>
          Make a policy
        </ButtonLink>
      ),
    },
    {
      title: 'Choose its targets',
      text: 'The instances, volumes, databases and clusters that the policy backs up, from any region.',
      isDone: withTargets !== undefined,
      action: policy && (
        <ButtonLink
          to="/policies/$policyId/add-targets"
          params={{ policyId: policy.id }}
          size="xs"
          variant={variant(withTargets !== undefined)}
        >
          Choose targets
        </ButtonLink>
      ),
    },
    {
      title: 'Run the first backup',
      text: 'Now, without waiting for the schedule; then recover from it once, to know that it works.',
      isDone: false,
      action: withTargets && <RunNowButton policyId={withTargets.id} size="xs" label={`Run ${withTargets.name} now`} />,
    },
  ];
}
