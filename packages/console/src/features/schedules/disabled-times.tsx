import { disabledStretches, HOUR_MS, validateDisabledTimes, WEEK_MS, type DisabledTime } from '@cpm/core';
import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import classes from './disabled-times.module.css';
import type { ScheduleValues } from './schedule-values.ts';
import { WEEK_DAYS } from './week.ts';

const DAYS = [{ value: 'every', label: 'Every day' }, ...WEEK_DAYS];

/** Times in which nothing starts: each a row of plain fields, and the week they make up as a picture. */
export function DisabledTimes({ form }: { readonly form: UseFormReturnType<ScheduleValues> }) {
  const times = form.values.disabledTimes;
  return (
    <fieldset className={classes.frame}>
      <legend className={classes.legend}>Disabled times</legend>
      <p className={classes.hint}>
        Nothing starts from a start up to its finish. A finish before the start is on the next day; 24:00 ends a day.
      </p>
      {times.map((_, index) => (
        <fieldset key={index} className={classes.row} aria-label={`Disabled time ${index + 1}`}>
          <NativeSelect label="Day" data={DAYS} {...form.getInputProps(`disabledTimes.${index}.day`)} />
          <TextInput
            label="Start"
            placeholder="17:00"
            inputMode="numeric"
            {...form.getInputProps(`disabledTimes.${index}.start`)}
          />
          <TextInput
            label="Finish"
            placeholder="08:00"
            inputMode="numeric"
            {...form.getInputProps(`disabledTimes.${index}.finish`)}
          />
          <ActionIcon
            className={classes.remove}
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Remove disabled time ${index + 1}`}
            onClick={() => form.removeListItem('disabledTimes', index)}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </fieldset>
      ))}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => form.insertListItem('disabledTimes', { day: 'every', start: '08:00', finish: '18:00' })}
      >
        Add a disabled time
      </Button>
      {times.length > 0 && <WeekPicture times={times} />}
    </fieldset>
  );
}

const DAY_HOURS = 24;

function WeekPicture({ times }: { readonly times: readonly DisabledTime[] }) {
  const stretches = validateDisabledTimes(times).length === 0 ? disabledStretches(times) : [];
  return (
    <div className={classes.week} aria-hidden>
      {WEEK_DAYS.map(({ value, label }, day) => (
        <div key={value} className={classes.day}>
          <span>{label.slice(0, 2)}</span>
          <div className={classes.hours}>
            {stretches.flatMap(({ startMs, finishMs }) => {
              const dayMs = WEEK_MS / 7;
              const from = Math.max(startMs, day * dayMs) - day * dayMs;
              const to = Math.min(finishMs, (day + 1) * dayMs) - day * dayMs;
              if (to <= from) return [];
              const percent = (ms: number) => `${(100 * ms) / HOUR_MS / DAY_HOURS}%`;
              return [<i key={startMs} style={{ left: percent(from), width: percent(to - from) }} />];
            })}
          </div>
        </div>
      ))}
      <div className={classes.day}>
        <span />
        <div className={classes.scale}>
          {['0', '6', '12', '18', '24'].map((hour) => (
            <span key={hour}>{hour}</span>
          ))}
        </div>
      </div>
    </div>
  );
}
