import { Checkbox, PasswordInput, Radio, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ReactNode } from 'react';
import { FieldRow, FormFrame, useServerProblems } from '../../ui/form.tsx';

export type AccountValues = {
  readonly name: string;
  readonly kind: 'backup' | 'dr';
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly scanResources: boolean;
  readonly mayDeleteSnapshots: boolean;
};

const FIELD_NAMES: Record<string, string> = {
  name: 'Name',
  kind: 'Use',
  accessKeyId: 'Access key id',
  secretAccessKey: 'Secret access key',
};

type AccountFormProps = {
  readonly initial: AccountValues;
  /** The account exists: empty keys stay as they are, and its use is fixed. */
  readonly isChange?: boolean;
  readonly submitLabel: string;
  readonly onSubmit: (values: AccountValues) => void;
  readonly error: Error | null;
  readonly isBusy: boolean;
  readonly cancel: ReactNode;
};

/** An AWS account; its secret key can be written and never read. */
export function AccountForm({ initial, isChange = false, onSubmit, error, ...frame }: AccountFormProps) {
  const form = useForm<AccountValues>({
    initialValues: initial,
    validate: (values) => problemsOf(values, isChange),
  });
  useServerProblems(form.setErrors, error);
  return (
    <FormFrame
      label="AWS account"
      {...frame}
      error={error}
      errors={form.errors}
      fieldNames={(path) => FIELD_NAMES[path] ?? path}
      onSubmit={form.onSubmit(onSubmit)}
    >
      <TextInput
        label="Name"
        required
        description="How CPM calls it."
        autoComplete="off"
        {...form.getInputProps('name')}
      />
      {!isChange && (
        <Radio.Group label="Use" {...form.getInputProps('kind')}>
          <Radio value="backup" label="Backup: its resources are protected" mt={8} />
          <Radio value="dr" label="Disaster recovery: backups of other accounts are copied to it" mt={8} />
        </Radio.Group>
      )}
      <FieldRow>
        <TextInput
          label="Access key id"
          required={!isChange}
          description={isChange ? 'Empty with the secret: the key stays.' : 'Such as AKIAIOSFODNN7EXAMPLE.'}
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('accessKeyId')}
        />
        <PasswordInput
          label="Secret access key"
          required={!isChange}
          description="Kept encrypted; never shown again."
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the secret key' }}
          {...form.getInputProps('secretAccessKey')}
        />
      </FieldRow>
      <Checkbox
        label="CPM may delete snapshots in this account"
        description="Needed for retention: generations beyond those to keep are deleted."
        {...form.getInputProps('mayDeleteSnapshots', { type: 'checkbox' })}
      />
      <Checkbox
        label="Scan its resources for backup tags"
        {...form.getInputProps('scanResources', { type: 'checkbox' })}
      />
    </FormFrame>
  );
}

function problemsOf({ name, accessKeyId, secretAccessKey }: AccountValues, isChange: boolean): Record<string, string> {
  const isKeyGiven = accessKeyId !== '' || secretAccessKey !== '';
  return {
    ...(name.trim() === '' ? { name: 'Give it a name' } : {}),
    ...((!isChange || isKeyGiven) && accessKeyId === '' ? { accessKeyId: 'Give the access key id' } : {}),
    ...((!isChange || isKeyGiven) && secretAccessKey === '' ? { secretAccessKey: 'Give the secret access key' } : {}),
  };
}
