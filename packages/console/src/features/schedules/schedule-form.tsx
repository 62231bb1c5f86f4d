import { Checkbox, NativeSelect, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { FieldRow, FormFrame, toErrors, useServerProblems } from '../../ui/form.tsx';
import { Panel } from '../../ui/page.tsx';
import { DisabledTimes } from './disabled-times.tsx';
import { FiringsPreview } from './firings-preview.tsx';
import classes from './schedule-form.module.css';
import { isStartAmbiguous, problemsOf, withFormPath, type ScheduleValues } from './schedule-values.ts';
import { WEEK_DAYS } from './week.ts';

const UNITS = ['minutes', 'hours', 'days', 'weeks', 'months'];
const FIELD_NAMES: Record<string, string> = {
  name: 'Name',
  description: 'Description',
  'repeat.every': 'Repeat every',
  'repeat.unit': 'Unit',
  zone: 'Time zone',
  startLocal: 'Start',
  endLocal: 'End',
  activeDays: 'Week days',
  disabledTimes: 'Disabled times',
};

type ScheduleFormProps = {
  readonly initial: ScheduleValues;
  readonly submitLabel: string;
  readonly onSubmit: (values: ScheduleValues) => void;
  readonly error: Error | null;
  readonly isBusy: boolean;
  readonly cancel: ReactNode;
};

/** A schedule with its words and next firings beside it, brought up to date with every key. */
export function ScheduleForm({ initial, onSubmit, error, ...frame }: ScheduleFormProps) {
  const form = useForm<ScheduleValues>({
    initialValues: initial,
    validate: (values) => toErrors(problemsOf(values)),
  });
  useServerProblems(form.setErrors, error, withFormPath);
  return (
    <div className={classes.columns}>
      <Panel>
        <FormFrame
          label="Schedule"
          {...frame}
          error={error}
          errors={form.errors}
          fieldNames={nameOfField}
          onSubmit={form.onSubmit(onSubmit)}
        >
          <TextInput label="Name" required autoComplete="off" {...form.getInputProps('name')} />
          <Textarea label="Description" autosize minRows={1} maxRows={5} {...form.getInputProps('description')} />
          <RepeatFields form={form} />
          <TimeFields form={form} />
          <WeekDaysField form={form} />
          <DisabledTimes form={form} />
          <Switch
            label="Enabled"
            description="A disabled schedule starts nothing."
            {...form.getInputProps('enabled', { type: 'checkbox' })}
          />
        </FormFrame>
      </Panel>
      <FiringsPreview values={form.values} />
    </div>
  );
}

function nameOfField(path: string): string {
  const [, index, part] = /^disabledTimes\.(\d+)\.(\w+)$/.exec(path) ?? [];
  if (index !== undefined) return `Disabled time ${Number(index) + 1}, ${part}`;
  return FIELD_NAMES[path] ?? path;
}

type PartProps = { readonly form: UseFormReturnType<ScheduleValues> };

function RepeatFields({ form }: PartProps) {
  return (
    <FieldRow>
      <NumberInput label="Repeat every" required min={1} allowDecimal={false} {...form.getInputProps('repeat.every')} />
      <NativeSelect label="Unit" data={UNITS} {...form.getInputProps('repeat.unit')} />
    </FieldRow>
  );
}

const ZONES: readonly string[] = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

function TimeFields({ form }: PartProps) {
  const zones = ZONES.includes(form.values.zone) ? ZONES : [form.values.zone, ...ZONES];
  return (
    <>
      <Select
        label="Time zone"
        required
        searchable
        limit={200}
        description="Days, weeks and months follow the clocks of this zone, also over summer time."
        nothingFoundMessage="No such time zone"
        data={zones}
        allowDeselect={false}
        {...form.getInputProps('zone')}
      />
      <FieldRow>
        <TextInput
          type="datetime-local"
          label="Start"
          required
          description="Every firing derives from it."
          {...form.getInputProps('startLocal')}
        />
        <TextInput
          type="datetime-local"
          label="End"
          description="Empty: never. Nothing fires at it or after it."
          {...form.getInputProps('endLocal')}
        />
      </FieldRow>
      {isStartAmbiguous(form.values) && (
        <Checkbox
          label="Clocks show this start twice: the second time is meant"
          {...form.getInputProps('isLaterPass', { type: 'checkbox' })}
        />
      )}
    </>
  );
}

function WeekDaysField({ form }: PartProps) {
  return (
    <Checkbox.Group
      label="Week days"
      required
      description="It fires only on these, as the clocks of its zone say."
      {...form.getInputProps('activeDays')}
    >
      <div className={classes.days}>
        {WEEK_DAYS.map(({ value, label }) => (
          <Checkbox key={value} value={value} label={label} />
        ))}
      </div>
    </Checkbox.Group>
  );
}
