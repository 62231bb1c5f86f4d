import type { Policy } from '@cpm/contract';
import { ApiError } from '@cpm/contract/client';
import { Skeleton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { tell } from '../../ui/tell.tsx';
import { ConfirmFewer, type Victims } from './confirm-fewer.tsx';
import { PolicyForm } from './policy-form.tsx';
import { bodyOf, valuesOf, type PolicyValues } from './policy-values.ts';
import { policyQuery, retentionQuery } from './queries.ts';

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

type Change = { readonly values: PolicyValues; readonly confirmDeletions?: number };

function PolicyChange({ loaded }: { readonly loaded: Policy }) {
  // As it was when the form was opened: its revision tells the server what this change is based on.
  const [policy] = useState(loaded);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Victims | null>(null);
  const look = useMutation({ mutationFn: (values: PolicyValues) => findVictims(client, policy.id, values) });
  const save = useMutation({
    mutationFn: ({ values, ...confirmed }: Change) =>
      call('PATCH /policies/:policyId', {
        params: { policyId: policy.id },
        body: { ...bodyOf(values), ...confirmed, revision: policy.revision },
      }),
    onError: (error, { values }) => {
      if (isUnconfirmed(error)) look.mutate(values, { onSuccess: setAsked });
    },
    onSuccess: async ({ name }) => {
      for (const noun of ['policies', 'backups']) void client.invalidateQueries({ queryKey: [noun] });
      tell(`The policy ${name} is saved.`);
      await navigate({ to: '/policies/$policyId', params: { policyId: policy.id } });
    },
  });
  const error = isUnconfirmed(save.error) ? look.error : save.error;
  const isBusy = save.isPending || look.isPending;
  return (
    <>
      <PolicyForm
        initial={valuesOf(policy)}
        policy={policy}
        submitLabel="Save the policy"
        onSubmit={(values) => save.mutate({ values })}
        error={asked === null ? error : null}
        isBusy={isBusy}
        cancel={
          <ButtonLink to="/policies/$policyId" params={{ policyId: policy.id }} variant="default">
            Cancel
          </ButtonLink>
        }
      />
      {asked && (
        <ConfirmFewer
          victims={asked}
          onClose={() => setAsked(null)}
          onAct={() => save.mutate({ values: asked.values, confirmDeletions: asked.deletes.backups })}
          isBusy={isBusy}
          error={error}
        />
      )}
    </>
  );
}

/** Whether the server wants to know that whoever saves knows what is deleted by it. */
function isUnconfirmed(error: Error | null): boolean {
  return error instanceof ApiError && error.problem.code === 'conflict_not_confirmed';
}

async function findVictims(client: QueryClient, policyId: string, values: PolicyValues): Promise<Victims> {
  const { generations } = bodyOf(values);
  const { items, deletes } = await client.fetchQuery({ ...retentionQuery(policyId, generations), staleTime: 0 });
  return { values, generations, deletes, backups: items.filter(({ action }) => action === 'delete') };
}
