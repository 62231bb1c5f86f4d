import { Alert, Button, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconKey } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { CopyableId } from '../../ui/copy-text.tsx';
import { FormFrame, useServerProblems } from '../../ui/form.tsx';

const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: '', label: 'Never' },
];

/** Makes a token and shows its secret this once. */
export function NewToken({ onClose }: { readonly onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm({
    initialValues: { name: '', expiresInDays: '90' },
    validate: { name: (name) => (name.trim() === '' ? 'Say what it is for' : null) },
  });
  const create = useMutation({
    mutationFn: ({ name, expiresInDays }: typeof form.values) =>
      call('POST /tokens', {
        body: { name, expiresInDays: expiresInDays === '' ? null : Number(expiresInDays) },
      }),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  useServerProblems(form.setErrors, create.error);
  if (create.data) {
    return (
      <>
        <Alert variant="default" icon={<IconKey size={18} />} title="Copy it now: it is not shown again">
          <CopyableId id={create.data.secret} />
        </Alert>
        <Button mt="md" onClick={onClose}>
          I have copied it
        </Button>
      </>
    );
  }
  return (
    <FormFrame
      label="New API token"
      submitLabel="Make the token"
      error={create.error}
      errors={form.errors}
      fieldNames={(path) => (path === 'name' ? 'Name' : path)}
      isBusy={create.isPending}
      onSubmit={form.onSubmit((values) => create.mutate(values))}
      cancel={
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      }
    >
      <TextInput
        label="Name"
        required
        description="What it is for."
        autoComplete="off"
        data-autofocus
        {...form.getInputProps('name')}
      />
      <NativeSelect label="Ends after" data={LIFETIMES} {...form.getInputProps('expiresInDays')} />
    </FormFrame>
  );
}
