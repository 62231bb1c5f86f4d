import type { Policy } from '@cpm/contract';
import { validatePolicyName } from '@cpm/core';
import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call, newIdempotencyKey } from '../../app/api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FormFrame, toErrors, useServerProblems } from '../../ui/form.tsx';
import { tell } from '../../ui/tell.tsx';

const LONGEST_NAME = 64;
const SUFFIX = '-copy';

type ClonePolicyProps = { readonly policy: Policy; readonly onClose: () => void };

/** Makes a policy like another under a name of its own, and opens it. */
export function ClonePolicy({ policy, onClose }: ClonePolicyProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: `${policy.name.slice(0, LONGEST_NAME - SUFFIX.length)}${SUFFIX}` },
    validate: ({ name }) => {
      const wrong = validatePolicyName(name);
      return wrong === null ? {} : toErrors([{ path: 'name', message: wrong }]);
    },
  });
  const clone = useMutation({
    mutationFn: ({ name }: typeof form.values) =>
      call('POST /policies/:policyId/clone', {
        params: { policyId: policy.id },
        body: { name },
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: async ({ id, name }) => {
      void client.invalidateQueries({ queryKey: ['policies'] });
      onClose();
      tell(`The policy ${name} is made.`);
      await navigate({ to: '/policies/$policyId', params: { policyId: id } });
    },
  });
  useServerProblems(form.setErrors, clone.error);
  return (
    <Dialog opened onClose={onClose} title={`Clone ${policy.name}`}>
      <FormFrame
        label="Clone"
        submitLabel="Make the clone"
        error={clone.error}
        errors={form.errors}
        fieldNames={() => 'Name'}
        isBusy={clone.isPending}
        onSubmit={form.onSubmit((values) => clone.mutate(values))}
        cancel={
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        }
      >
        <p>It gets the same settings, schedules and targets; the backups stay with the original.</p>
        <TextInput
          label="Name"
          required
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          description="Scripts and tags that name the original do not belong to the clone."
          {...form.getInputProps('name')}
        />
      </FormFrame>
    </Dialog>
  );
}
