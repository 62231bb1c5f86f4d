import { Button, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { FormFrame, useServerProblems } from '../../ui/form.tsx';

type Values = { readonly name: string; readonly description: string };
type FrozenFormProps = {
  readonly initial: Values;
  readonly lead?: string;
  readonly submitLabel: string;
  readonly onSubmit: (values: Values) => void;
  readonly onCancel: () => void;
  readonly error: Error | null;
  readonly isBusy: boolean;
};

/** The name and the description under which a backup is found in the freezer. */
export function FrozenForm({ initial, lead, onSubmit, onCancel, error, ...frame }: FrozenFormProps) {
  const form = useForm<Values>({
    initialValues: initial,
    validate: { name: (name) => (name.trim() === '' ? 'Give it a name' : null) },
  });
  useServerProblems(form.setErrors, error);
  return (
    <FormFrame
      label="Frozen backup"
      {...frame}
      error={error}
      errors={form.errors}
      fieldNames={(path) => (path === 'name' ? 'Name' : 'Description')}
      onSubmit={form.onSubmit(onSubmit)}
      cancel={
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      }
    >
      {lead !== undefined && <p>{lead}</p>}
      <TextInput
        label="Name"
        required
        data-autofocus
        autoComplete="off"
        description="No other frozen backup has it."
        {...form.getInputProps('name')}
      />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        maxRows={8}
        description="Such as why it is kept, and for how long."
        {...form.getInputProps('description')}
      />
    </FormFrame>
  );
}
