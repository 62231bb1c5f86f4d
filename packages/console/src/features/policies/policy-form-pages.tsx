import type { Policy } from '@cpm/contract';
import { Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call, newIdempotencyKey } from '../../app/api.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { tell } from '../../ui/tell.tsx';
import { PolicyForm } from './policy-form.tsx';
import { bodyOf, NEW_POLICY, valuesOf, type PolicyValues } from './policy-values.ts';
import { policyQuery } from './queries.ts';

/** Makes a policy and goes on to its targets. */
export function NewPolicyPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: (values: PolicyValues) =>
      call('POST /policies', {
        body: { ...bodyOf(values), accountId: values.accountId },
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: async ({ id }) => {
      void client.invalidateQueries({ queryKey: ['policies'] });
      await navigate({ to: '/policies/$policyId/add-targets', params: { policyId: id } });
    },
  });
  return (
    <Page
      title="New policy"
      narrow
      trail={<TextLink to="/policies">Policies</TextLink>}
      lead="Its targets are chosen in the next step."
    >
      <Panel>
        <PolicyForm
          initial={NEW_POLICY}
          submitLabel="Make the policy"
          onSubmit={(values) => create.mutate(values)}
          error={create.error}
          isBusy={create.isPending}
          cancel={
            <ButtonLink to="/policies" variant="default">
              Cancel
            </ButtonLink>
          }
        />
      </Panel>
    </Page>
  );
}

const route = getRouteApi('/inside/policies/$policyId/edit');

/** Changes a policy; whoever was slower than somebody else is told, and overwrites nothing. */
export function EditPolicyPage() {
  const { policyId } = route.useParams();
  const { data: policy, error, refetch } = useQuery(policyQuery(policyId));
  if (error && !policy) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={policy ? `Edit ${policy.name}` : 'Edit policy'}
      narrow
      trail={
        <TextLink to="/policies/$policyId" params={{ policyId }}>
          {policy?.name ?? 'Policy'}
        </TextLink>
      }
    >
      <Panel>{policy ? <PolicyChange key={policyId} loaded={policy} /> : <Skeleton height={380} />}</Panel>
    </Page>
  );
}

function PolicyChange({ loaded }: { readonly loaded: Policy }) {
  // As it was when the form was opened: its revision tells the server what this change is based on.
  const [policy] = useState(loaded);
  const client = useQueryClient();
  const navigate = useNavigate();
  const change = useMutation({
    mutationFn: (values: PolicyValues) =>
      call('PATCH /policies/:policyId', {
        params: { policyId: policy.id },
        body: { ...bodyOf(values), revision: policy.revision },
      }),
    onSuccess: async ({ name }) => {
      void client.invalidateQueries({ queryKey: ['policies'] });
      tell(`The policy ${name} is saved.`);
      await navigate({ to: '/policies/$policyId', params: { policyId: policy.id } });
    },
  });
  return (
    <PolicyForm
      initial={valuesOf(policy)}
      policy={policy}
      submitLabel="Save the policy"
      onSubmit={(values) => change.mutate(values)}
      error={change.error}
      isBusy={change.isPending}
      cancel={
        <ButtonLink to="/policies/$policyId" params={{ policyId: policy.id }} variant="default">
          Cancel
        </ButtonLink>
      }
    />
  );
}
