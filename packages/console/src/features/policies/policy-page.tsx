import type { Policy } from '@cpm/contract';
import { Button, Skeleton } from '@mantine/core';
import { IconCopy, IconEye, IconPencil, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ReadProblem } from '../../app/other-pages.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Distance, Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Facts, Page, Panel } from '../../ui/page.tsx';
import { Warnings } from '../../ui/warnings.tsx';
import { ClonePolicy } from './clone-policy.tsx';
import { DeletePolicy } from './delete-policy.tsx';
import { PolicyBackups } from './policy-backups.tsx';
import classes from './policy-page.module.css';
import { PolicyState } from './policy-state.tsx';
import { policyQuery } from './queries.ts';
import { RunNowButton } from './run-now.tsx';
import { ScriptsPanel } from './scripts-panel.tsx';
import { SkippedFirings } from './skipped-firings.tsx';
import { SsmPanel } from './ssm-panel.tsx';
import { TargetsPanel } from './targets-panel.tsx';

const route = getRouteApi('/inside/policies/$policyId');

/** One policy: what it does, its targets and its newest backups. */
export function PolicyPage() {
  const { policyId } = route.useParams();
  const { data: policy, error, refetch } = useQuery(policyQuery(policyId));
  const [act, setAct] = useState<'clone' | 'delete' | null>(null);
  if (error && !policy) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={policy?.name ?? 'Policy'}
      trail={<TextLink to="/policies">Policies</TextLink>}
      lead={policy?.description === '' ? undefined : policy?.description}
      actions={
        <>
          <RunNowButton policyId={policyId} disabled={!policy || policy.targetCount === 0} />
          <ButtonLink
            to="/policies/$policyId/dry-run"
            params={{ policyId }}
            variant="default"
            leftSection={<IconEye size={16} />}
          >
            What would this do
          </ButtonLink>
          <ButtonLink
            to="/policies/$policyId/edit"
            params={{ policyId }}
            variant="default"
            leftSection={<IconPencil size={16} />}
          >
            Edit
          </ButtonLink>
          <Button
            variant="default"
            leftSection={<IconCopy size={16} />}
            disabled={!policy}
            onClick={() => setAct('clone')}
          >
            Clone
          </Button>
          <Button
            variant="default"
            leftSection={<IconTrash size={16} />}
            disabled={!policy}
            onClick={() => setAct('delete')}
          >
            Delete
          </Button>
        </>
      }
    >
      {policy ? <PolicyFacts policy={policy} /> : <Skeleton height={150} />}
      {policy && <TargetsPanel policy={policy} />}
      {policy?.scripts.runner === 'server' && <ScriptsPanel policy={policy} />}
      {policy?.scripts.ssm && <SsmPanel scripts={policy.scripts} />}
      {policy && <PolicyBackups policyId={policyId} />}
      {policy && <SkippedFirings policyId={policyId} />}
      {policy && act === 'clone' && <ClonePolicy policy={policy} onClose={() => setAct(null)} />}
      {policy && act === 'delete' && <DeletePolicy policy={policy} onClose={() => setAct(null)} />}
    </Page>
  );
}

const REMOVAL_WORDS = {
  no: 'Keep it; the backup reports it',
  yes: 'Remove it from the policy',
  'yes-and-alert': 'Remove it and warn',
} as const;

function PolicyFacts({ policy }: { readonly policy: Policy }) {
  const { account, schedules, generations, autoTargetRemoval, nextFiringAt, warnings } = policy;
  return (
    <Panel title="How it works" tools={<ZoneSwitch />}>
      <div className={classes.warnings}>
        <Warnings warnings={warnings} />
      </div>
      <Facts
        facts={[
          ['State', <PolicyState key="state" policy={policy} />],
          [
            'Account',
            <TextLink key="account" to="/accounts/$accountId" params={{ accountId: account.id }}>
              {account.name}
            </TextLink>,
          ],
          ['Schedules', <ScheduleLinks key="schedules" schedules={schedules} />],
          ['Next backup', nextFiringAt === null ? 'Only by hand' : <NextBackup key="next" at={nextFiringAt} />],
          ['Generations to keep', <Generations key="generations" policyId={policy.id} generations={generations} />],
          ['A backup is successful when', SUCCESS_WORDS[policy.successRule]],
          ['Retries', describeRetries(policy)],
          ['Scripts', SCRIPT_WORDS[policy.scripts.runner]],
          ['When a target is gone', REMOVAL_WORDS[autoTargetRemoval]],
          ['Tags of the sources', policy.copySourceTags ? 'Copied to the snapshots' : 'Not copied'],
        ]}
      />
    </Panel>
  );
}

const SUCCESS_WORDS = {
  'no-issues': 'It finishes with no issues',
  'snapshots-succeed': 'All snapshots succeed',
} as const;

const SCRIPT_WORDS = { none: 'None', server: 'On the CPM server', ssm: 'On the instances' } as const;

function describeRetries({ retries, retryWaitMinutes }: Policy): string {
  if (retries === 0) return 'None';
  return `${retries}, after ${retryWaitMinutes} min${retries === 1 ? '' : ' each'}`;
}

function Generations({ policyId, generations }: { readonly policyId: string; readonly generations: number }) {
  return (
    <>
      {generations} ·{' '}
      <TextLink to="/policies/$policyId/retention" params={{ policyId }} search={{}}>
        What is kept
      </TextLink>
    </>
  );
}

function NextBackup({ at }: { readonly at: string }) {
  return (
    <>
      <Moment at={at} />, <Distance at={at} />
    </>
  );
}

function ScheduleLinks({ schedules }: Pick<Policy, 'schedules'>) {
  if (schedules.length === 0) return 'None';
  return schedules.map(({ id, name, warning }, index) => (
    <span key={id}>
      {index > 0 && ', '}
      <TextLink to="/schedules/$scheduleId" params={{ scheduleId: id }}>
        {name}
      </TextLink>
      {warning !== null && ' (never fires)'}
    </span>
  ));
}
