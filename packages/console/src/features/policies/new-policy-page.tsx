import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call, newIdempotencyKey } from '../../app/api.ts';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { PolicyForm } from './policy-form.tsx';
import { bodyOf, NEW_POLICY, type PolicyValues } from './policy-values.ts';

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
