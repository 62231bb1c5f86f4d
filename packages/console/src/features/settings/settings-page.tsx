import type { Settings } from '@cpm/contract';
import { validateSettings } from '@cpm/core';
import { NumberInput, Skeleton, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../../app/api.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { FieldRow, FormFrame, FormSection, toErrors, useServerProblems } from '../../ui/form.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { tell } from '../../ui/tell.tsx';

const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => call('GET /settings', { signal }),
});

/** The general settings of this server; root's alone. */
export function SettingsPage() {
  const { data, error, refetch } = useQuery(settingsQuery);
  if (error && !data) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page title="General settings" narrow lead="They hold for all users of this server.">
      <Panel>{data ? <SettingsForm loaded={data} /> : <Skeleton height={320} />}</Panel>
    </Page>
  );
}

type Typed = number | string;
type Values = {
  readonly cleanupTime: string;
  readonly keepRecordDays: Typed;
  readonly reconcileEveryHours: Typed;
  readonly catchUpMissed: boolean;
};

const numberOf = (typed: Typed): number => (typed === '' ? Number.NaN : Number(typed));

const bodyOf = (values: Values) => ({
  ...values,
  keepRecordDays: numberOf(values.keepRecordDays),
  reconcileEveryHours: numberOf(values.reconcileEveryHours),
});

const FIELD_NAMES: Record<string, string> = {
  cleanupTime: 'Daily clean-up at',
  keepRecordDays: 'Days to keep records of backups',
  catchUpMissed: 'Catch up after an outage',
  reconcileEveryHours: 'Hours between comparisons with AWS',
};

function SettingsForm({ loaded: { serverZone, ...loaded } }: { readonly loaded: Settings }) {
  const client = useQueryClient();
  const form = useForm<Values>({
    initialValues: loaded,
    validate: (values) => toErrors(validateSettings(bodyOf(values))),
  });
  const change = useMutation({
    mutationFn: (values: Values) => call('PATCH /settings', { body: bodyOf(values) }),
    onSuccess: (saved) => {
      client.setQueryData(settingsQuery.queryKey, saved);
      tell('The settings are saved.');
    },
  });
  useServerProblems(form.setErrors, change.error);
  return (
    <FormFrame
      label="General settings"
      submitLabel="Save the settings"
      error={change.error}
      errors={form.errors}
      fieldNames={(path) => FIELD_NAMES[path] ?? path}
      isBusy={change.isPending}
      onSubmit={form.onSubmit((values) => change.mutate(values))}
    >
      <FieldRow>
        <TextInput
          type="time"
          label={FIELD_NAMES['cleanupTime']}
          required
          description={`By the clocks of ${serverZone}. Retention then looks through all policies; it also does after each backup.`}
          {...form.getInputProps('cleanupTime')}
        />
        <NumberInput
          label={FIELD_NAMES['keepRecordDays']}
          required
          min={0}
          allowDecimal={false}
          description="Counted from the start of a backup: so long its record stays for reports, also once its snapshots are deleted."
          {...form.getInputProps('keepRecordDays')}
        />
      </FieldRow>
      <FormSection title="Keeping the records true">
        <NumberInput
          label={FIELD_NAMES['reconcileEveryHours']}
          required
          min={1}
          allowDecimal={false}
          description="CPM then looks in AWS for all snapshots that bear its tags and compares them with its records."
          {...form.getInputProps('reconcileEveryHours')}
        />
        <Switch
          label={FIELD_NAMES['catchUpMissed']}
          description="A policy whose time came while this server was down then runs once when it is up again. Otherwise it waits for its next time."
          {...form.getInputProps('catchUpMissed', { type: 'checkbox' })}
        />
      </FormSection>
    </FormFrame>
  );
}
