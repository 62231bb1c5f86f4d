import type { Schedule } from '@cpm/contract';
import { WEEKDAYS } from '@cpm/core';
import { Button, Skeleton } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call, newIdempotencyKey } from '../../app/api.ts';
import { formatForField } from '../../app/moments.ts';
import { ReadProblem } from '../../app/other-pages.tsx';
import { useSession } from '../../app/session.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Page } from '../../ui/page.tsx';
import { tell } from '../../ui/tell.tsx';
import { scheduleQuery } from './queries.ts';
import { ScheduleForm } from './schedule-form.tsx';
import { inputOf, valuesOf, type ScheduleValues } from './schedule-values.ts';

const trail = <TextLink to="/schedules">Schedules</TextLink>;
const cancel = (
  <ButtonLink to="/schedules" variant="default">
    Cancel
  </ButtonLink>
);

/** Makes a schedule; begins with tomorrow at two in the server's zone. */
export function NewSchedulePage() {
  const { serverZone } = useSession();
  const [initial] = useState(() => newSchedule(serverZone));
  const save = useSaveSchedule(null);
  return (
    <Page title="New schedule" trail={trail}>
      <ScheduleForm
        initial={initial}
        submitLabel="Make the schedule"
        onSubmit={(values) => save.mutate(values)}
        error={save.error}
        isBusy={save.isPending}
        cancel={cancel}
      />
    </Page>
  );
}

function newSchedule(zone: string): ScheduleValues {
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  return {
    name: '',
    description: '',
    enabled: true,
    repeat: { every: 1, unit: 'days' },
    zone,
    startLocal: `${formatForField(tomorrow, zone).slice(0, 10)}T02:00`,
    isLaterPass: false,
    endLocal: '',
    activeDays: [...WEEKDAYS],
    disabledTimes: [],
  };
}

const route = getRouteApi('/inside/schedules/$scheduleId');

/** Shows and changes a schedule. */
export function EditSchedulePage() {
  const { scheduleId } = route.useParams();
  const { data: schedule, error, refetch } = useQuery(scheduleQuery(scheduleId));
  const [isDeleting, setDeleting] = useState(false);
  if (error && !schedule) return <ReadProblem error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title={schedule?.name ?? 'Schedule'}
      trail={trail}
      lead={schedule && describeUse(schedule.policyCount)}
      actions={
        <Button
          variant="default"
          leftSection={<IconTrash size={16} />}
          disabled={!schedule}
          onClick={() => setDeleting(true)}
        >
          Delete
        </Button>
      }
    >
      {schedule ? <ScheduleChange key={scheduleId} loaded={schedule} /> : <Skeleton height={420} />}
      {schedule && <DeleteSchedule schedule={schedule} opened={isDeleting} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

function describeUse(count: number): string {
  if (count === 0) return 'No policy uses it.';
  return count === 1
    ? 'One policy uses it; it follows each change at once.'
    : `${count} policies use it; they follow each change at once.`;
}

function ScheduleChange({ loaded }: { readonly loaded: Schedule }) {
  const [initial] = useState(() => valuesOf(loaded));
  const save = useSaveSchedule(loaded.id);
  return (
    <ScheduleForm
      initial={initial}
      submitLabel="Save the schedule"
      onSubmit={(values) => save.mutate(values)}
      error={save.error}
      isBusy={save.isPending}
      cancel={cancel}
    />
  );
}

function useSaveSchedule(scheduleId: string | null) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (values: ScheduleValues) =>
      scheduleId === null
        ? call('POST /schedules', { body: inputOf(values), idempotencyKey: newIdempotencyKey() })
        : call('PUT /schedules/:scheduleId', { params: { scheduleId }, body: inputOf(values) }),
    onSuccess: async ({ name }) => {
      void client.invalidateQueries({ queryKey: ['schedules'] });
      void client.invalidateQueries({ queryKey: ['policies'] });
      tell(`The schedule ${name} is saved.`);
      await navigate({ to: '/schedules' });
    },
  });
}

type DeleteScheduleProps = { readonly schedule: Schedule; readonly opened: boolean; readonly onClose: () => void };

function DeleteSchedule({ schedule, opened, onClose }: DeleteScheduleProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => call('DELETE /schedules/:scheduleId', { params: { scheduleId: schedule.id } }),
    onSuccess: async () => {
      await navigate({ to: '/schedules' });
      client.removeQueries({ queryKey: ['schedules', 'one', schedule.id] });
      void client.invalidateQueries({ queryKey: ['schedules'] });
      tell(`The schedule ${schedule.name} is deleted.`);
    },
  });
  return (
    <Confirm
      opened={opened}
      onClose={onClose}
      title={`Delete the schedule ${schedule.name}?`}
      actLabel="Delete the schedule"
      onAct={() => remove.mutate()}
      isBusy={remove.isPending}
      error={remove.error}
    >
      <p>Backups that it has started stay. A schedule that a policy uses is not deleted.</p>
    </Confirm>
  );
}
