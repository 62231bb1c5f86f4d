import type { Schedule, SchedulePreview } from '@cpm/contract';
import type { GlobalOptions } from '../surroundings.ts';
import type { Column, Field, Printer } from '../terminal/print.ts';
import { formatFields, formatTable } from '../terminal/table.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';
import { visible } from '../terminal/visible.ts';

export const scheduleColumns: readonly Column<Schedule>[] = [
  ['NAME', (schedule) => schedule.name],
  ['RULE', (schedule) => schedule.words],
  ['ENABLED', (schedule) => schedule.enabled],
  ['NEXT', (schedule) => formatTimeOrNone(schedule.nextFiringAt)],
  ['POLICIES', (schedule) => schedule.policyCount],
  ['WARNING', (schedule) => schedule.warning],
  ['ID', (schedule) => schedule.id],
];

/** Shows one schedule, with its warning last. */
export function printSchedule(print: Printer, schedule: Schedule): void {
  print.one(schedule, fieldsOf(schedule), schedule.id);
}

/** Shows the coming firings: in the zone of the schedule and as moments of this computer's zone. */
export function printPreview(print: Printer, global: GlobalOptions, preview: SchedulePreview): void {
  if (global.output === 'json') return print.json(preview);
  if (global.quiet) return print.lines(preview.firings.map((firing) => visible(firing.at)));
  const rows = preview.firings.map((firing) => [firing.local, formatTime(firing.at), firing.note]);
  print.lines([
    ...formatFields([
      ['rule', preview.words],
      ['warning', preview.warning],
    ]),
    ...(rows.length === 0 ? [] : ['', ...formatTable(["SCHEDULE'S TIME", 'YOUR TIME', 'NOTE'], rows)]),
  ]);
}

function fieldsOf(schedule: Schedule): readonly Field[] {
  return [
    ['id', schedule.id],
    ['name', schedule.name],
    ['description', schedule.description],
    ['rule', schedule.words],
    ['zone', schedule.zone],
    ['starts', startOf(schedule)],
    ['ends', formatTimeOrNone(schedule.endAt) ?? 'never'],
    ['week days', schedule.activeDays.join(', ')],
    [
      'disabled times',
      schedule.disabledTimes.map(
        ({ day, start, finish }) => `${day === 'every' ? 'every-day' : day} ${start}-${finish}`,
      ),
    ],
    ['enabled', schedule.enabled],
    ['next firing', formatTimeOrNone(schedule.nextFiringAt)],
    ['policies', schedule.policyCount],
    ['created', formatTime(schedule.createdAt)],
    ['warning', schedule.warning],
  ];
}

function startOf({ startLocal, startPass }: Schedule): string {
  return startPass === 'later' ? `${startLocal} (the second time)` : startLocal;
}
