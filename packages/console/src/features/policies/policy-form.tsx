import type { Policy } from '@cpm/contract';
import { Alert, Checkbox, MultiSelect, NumberInput, Radio, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { FieldRow, FormFrame, FormSection, toErrors, useServerProblems } from '../../ui/form.tsx';
import { TextLink } from '../../ui/links.tsx';
import { accountsQuery } from '../accounts/queries.ts';
import { schedulesQuery } from '../schedules/queries.ts';
import classes from './policy-form.module.css';
import { nameOfField, problemsOf, withFormPath, type PolicyValues } from './policy-values.ts';
import { ScriptFields } from './script-fields.tsx';

const REMOVALS = [
  { value: 'no', label: 'Keep it; the backup reports it as failed' },
  { value: 'yes', label: 'Remove it from the policy' },
  { value: 'yes-and-alert', label: 'Remove it and warn in the log of the backup' },
] as const;

const SUCCESS_RULES = [
  {
    value: 'no-issues',
    label: 'It finishes with no issues',
    description: 'With any issue, also of a script, it is tried again and does not count as a generation.',
  },
  {
    value: 'snapshots-succeed',
    label: 'All snapshots succeed, even if scripts fail',
    description: 'It then counts as a generation and is not tried again; what went wrong is still shown.',
  },
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
    validate: (values) => toErrors(problemsOf(values)),
  });
  useServerProblems(form.setErrors, error, withFormPath);
  const props = { form, policy };
  return (
    <FormFrame
      label="Policy"
      {...frame}
      error={error}
      errors={form.errors}
      fieldNames={nameOfField}
      onSubmit={form.onSubmit(onSubmit)}
    >
      <NameFields {...props} />
      <FormSection title="When, and how long">
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
        <Switch
          label="Enabled"
          description="A disabled policy keeps its backups and starts none by itself."
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
      </FormSection>
      <OutcomeFields {...props} />
      <FormSection title="Scripts around the snapshots">
        <ScriptFields {...props} />
      </FormSection>
      <FormSection title="Targets and tags">
        <Radio.Group label="When a target is gone from AWS" {...form.getInputProps('autoTargetRemoval')}>
          {REMOVALS.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} mt={8} />
          ))}
        </Radio.Group>
        <Checkbox
          label="Copy the tags of each source to its snapshots"
          description="Beside those of CPM, as far as AWS's limit of 50 tags leaves room."
          {...form.getInputProps('copySourceTags', { type: 'checkbox' })}
        />
      </FormSection>
    </FormFrame>
  );
}

type PartProps = { readonly form: UseFormReturnType<PolicyValues>; readonly policy: Policy | undefined };

function NameFields({ form, policy }: PartProps) {
  const isRenamed = policy !== undefined && form.values.name !== policy.name;
  return (
    <>
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
    </>
  );
}

function OutcomeFields({ form }: PartProps) {
  return (
    <FormSection title="Outcome and retries">
      <Radio.Group label="A backup is successful when" {...form.getInputProps('successRule')}>
        {SUCCESS_RULES.map(({ value, label, description }) => (
          <Radio key={value} value={value} label={label} description={description} mt={8} />
        ))}
      </Radio.Group>
      <FieldRow>
        <NumberInput
          label="Retries"
          required
          min={0}
          allowDecimal={false}
          description="How often a backup that was not successful is tried again. 0: never."
          {...form.getInputProps('retries')}
        />
        <NumberInput
          label="Minutes between retries"
          required
          min={1}
          allowDecimal={false}
          description="A firing of the schedule that comes first takes the place of the retry."
          {...form.getInputProps('retryWaitMinutes')}
        />
      </FieldRow>
    </FormSection>
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
