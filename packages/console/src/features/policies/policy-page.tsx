import type { Policy } from '@cpm/contract';
import { Button, Skeleton } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ReadProblem } from '../../app/other-pages.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Distance, Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Facts, Page, Panel } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { Warnings } from '../../ui/warnings.tsx';
import { DeletePolicy } from './delete-policy.tsx';
import { PolicyBackups } from './policy-backups.tsx';
import { policyQuery } from './queries.ts';
import { RunNowButton } from './run-now.tsx';
import { TargetsPanel } from './targets-panel.tsx';

const route = getRouteApi('/inside/policies/$policyId');

/** One policy: what it does, its targets and its newest backups. */
export function PolicyPage() {
  const { policyId } = route.useParams();
  const { data: policy, error, refetch } = useQuery(policyQuery(policyId));
  const [isDeleting, setDeleting] = useState(false);
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
            to="/policies/$policyId/edit"
            params={{ policyId }}
            variant="default"
            leftSection={<IconPencil size={16} />}
          >
            Edit
          </ButtonLink>
          <Button
            variant="default"
            leftSection={<IconTrash size={16} />}
            disabled={!policy}
            onClick={() => setDeleting(true)}
          >
            Delete
          </Button>
        </>
      }
    >
      {policy ? <PolicyFacts policy={policy} /> : <Skeleton height={150} />}
      {policy && <TargetsPanel policy={policy} />}
      {policy && <PolicyBackups policyId={policyId} />}
      {policy && <DeletePolicy policy={policy} opened={isDeleting} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

const REMOVAL_WORDS = {
  no: 'Keep it; the backup reports it',
  yes: 'Remove it from the policy',
  'yes-and-alert': 'Remove it and warn',
} as const;

function PolicyFacts({ policy }: { readonly policy: Policy }) {
  const { enabled, account, schedules, generations, autoTargetRemoval, nextFiringAt, warnings } = policy;
  return (
    <Panel title="How it works" tools={<ZoneSwitch />}>
      <Warnings warnings={warnings} />
      <Facts
        facts={[
          ['State', <Status key="state" tone={enabled ? 'good' : 'quiet'} text={enabled ? 'Enabled' : 'Disabled'} />],
          [
            'Account',
            <TextLink key="account" to="/accounts/$accountId" params={{ accountId: account.id }}>
              {account.name}
            </TextLink>,
          ],
          ['Schedules', <ScheduleLinks key="schedules" schedules={schedules} />],
          ['Next backup', nextFiringAt === null ? 'Only by hand' : <NextBackup key="next" at={nextFiringAt} />],
          ['Generations to keep', generations],
          ['When a target is gone', REMOVAL_WORDS[autoTargetRemoval]],
        ]}
      />
    </Panel>
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
