import type { Policy } from '@cpm/contract';
import { validatePolicy } from '@cpm/core';
import { Alert, MultiSelect, NumberInput, Radio, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { FieldRow, FormFrame, toErrors, useServerProblems } from '../../ui/form.tsx';
import { TextLink } from '../../ui/links.tsx';
import { accountsQuery } from '../accounts/queries.ts';
import { schedulesQuery } from '../schedules/queries.ts';
import classes from './policy-form.module.css';

export type PolicyValues = {
  readonly name: string;
  readonly description: string;
  readonly accountId: string;
  readonly generations: number | string;
  readonly autoTargetRemoval: Policy['autoTargetRemoval'];
  readonly enabled: boolean;
  readonly scheduleIds: string[];
};

export const NEW_POLICY: PolicyValues = {
  name: '',
  description: '',
  accountId: '',
  generations: 30,
  autoTargetRemoval: 'no',
  enabled: true,
  scheduleIds: [],
};

const FIELD_NAMES: Record<string, string> = {
  name: 'Name',
  description: 'Description',
  accountId: 'Account',
  generations: 'Generations to keep',
  autoTargetRemoval: 'When a target is gone',
  scheduleIds: 'Schedules',
};

const REMOVALS = [
  { value: 'no', label: 'Keep it; the backup reports it as failed' },
  { value: 'yes', label: 'Remove it from the policy' },
  { value: 'yes-and-alert', label: 'Remove it and warn in the log of the backup' },
] as const;

type PolicyFormProps = {
  readonly initial: PolicyValues;
  /** The policy that is changed; its account is fixed. */
  readonly policy?: Policy;
  readonly submitLabel: string;
  readonly onSubmit: (values: PolicyValues) => void;
  readonly error: Error | null;
  readonly isBusy: boolean;
  readonly cancel: ReactNode;
};

/** What a policy is, apart from its targets; core's rules are checked before anything is sent. */
export function PolicyForm({ initial, policy, onSubmit, error, ...frame }: PolicyFormProps) {
  const form = useForm<PolicyValues>({
    initialValues: initial,
    validate: (values) => {
      const problems = validatePolicy({ ...values, generations: Number(values.generations || Number.NaN) });
      if (values.accountId === '') problems.push({ path: 'accountId', message: 'choose an account' });
      return toErrors(problems);
    },
  });
  useServerProblems(form.setErrors, error);
  const isRenamed = policy !== undefined && form.values.name !== policy.name;
  return (
    <FormFrame
      label="Policy"
      {...frame}
      error={error}
      errors={form.errors}
      fieldNames={(path) => FIELD_NAMES[path] ?? path}
      onSubmit={form.onSubmit(onSubmit)}
    >
      <FieldRow>
        <TextInput
          label="Name"
          required
          description="1 to 64 letters, digits, dots, dashes, underscores. It is written in the tags of every snapshot."
          autoComplete="off"
          spellCheck={false}
          {...form.getInputProps('name')}
        />
        <AccountField policy={policy} {...form.getInputProps('accountId')} />
      </FieldRow>
      {isRenamed && (
        <Alert
          color="yellow"
          variant="default"
          icon={<IconAlertTriangle size={18} />}
          title="Scripts and tags name this policy"
        >
          Scripts on the server and backup tags on resources that say “{policy.name}” no longer belong to it after the
          change.
        </Alert>
      )}
      <Textarea label="Description" autosize minRows={2} maxRows={6} {...form.getInputProps('description')} />
      <FieldRow>
        <SchedulesField {...form.getInputProps('scheduleIds')} />
        <NumberInput
          label="Generations to keep"
          required
          min={1}
          allowDecimal={false}
          description="Older successful backups are deleted once there are more."
          {...form.getInputProps('generations')}
        />
      </FieldRow>
      <Radio.Group label="When a target is gone from AWS" {...form.getInputProps('autoTargetRemoval')}>
        {REMOVALS.map(({ value, label }) => (
          <Radio key={value} value={value} label={label} mt={8} />
        ))}
      </Radio.Group>
      <Switch
        label="Enabled"
        description="A disabled policy keeps its backups and starts none by itself."
        {...form.getInputProps('enabled', { type: 'checkbox' })}
      />
    </FormFrame>
  );
}

type InputProps = Record<string, unknown>;

function AccountField({ policy, ...input }: { readonly policy: Policy | undefined } & InputProps) {
  const accounts = useQuery({ ...accountsQuery, enabled: policy === undefined });
  if (policy) {
    return (
      <TextInput
        label="Account"
        description="Fixed since the policy was made."
        value={policy.account.name}
        readOnly
        variant="filled"
      />
    );
  }
  const isEmpty = accounts.data?.items.length === 0;
  return (
    <Select
      label="Account"
      required
      searchable
      description={
        isEmpty ? (
          <NothingYet to="/accounts/new" text="There is no account yet: add one first" />
        ) : (
          'Cannot be changed later.'
        )
      }
      placeholder="Choose an account"
      nothingFoundMessage="No such account"
      data={(accounts.data?.items ?? [])
        .filter(({ kind }) => kind === 'backup')
        .map(({ id, name, awsAccountNumber }) => ({ value: id, label: `${name} (${awsAccountNumber})` }))}
      {...input}
    />
  );
}

function SchedulesField(input: InputProps) {
  const schedules = useQuery(schedulesQuery);
  const isEmpty = schedules.data?.items.length === 0;
  return (
    <MultiSelect
      label="Schedules"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Choose no schedule' }}
      description={
        isEmpty ? (
          <NothingYet to="/schedules/new" text="There is no schedule yet: make one" />
        ) : (
          'It starts whenever one of them fires. None: only by hand.'
        )
      }
      placeholder={isEmpty ? undefined : 'Choose schedules'}
      nothingFoundMessage="No such schedule"
      data={(schedules.data?.items ?? []).map(({ id, name, words, warning }) => ({
        value: id,
        label: warning === null ? `${name}: ${words}` : `${name}: never fires`,
      }))}
      {...input}
    />
  );
}

function NothingYet({ to, text }: { readonly to: '/accounts/new' | '/schedules/new'; readonly text: string }) {
  return (
    <span className={classes.nothingYet}>
      <TextLink to={to}>{text}</TextLink>
    </span>
  );
}
