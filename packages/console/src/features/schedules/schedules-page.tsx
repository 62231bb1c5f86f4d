import type { Schedule } from '@cpm/contract';
import { IconCalendarPlus, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { SortValues } from '../../app/list-search.ts';
import type { Column } from '../../ui/data-table.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { ListPanel } from '../../ui/list-panel.tsx';
import { Distance, Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { Status } from '../../ui/status.tsx';
import { Warnings } from '../../ui/warnings.tsx';
import { schedulesQuery } from './queries.ts';
import classes from './schedules-page.module.css';

const route = getRouteApi('/inside/schedules');

/** All schedules in words, with when each fires next. */
export function SchedulesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(schedulesQuery);
  const create = (
    <ButtonLink to="/schedules/new" leftSection={<IconPlus size={16} />}>
      New schedule
    </ButtonLink>
  );
  return (
    <Page title="Schedules" actions={create}>
      <ListPanel
        noun="schedule"
        nouns="schedules"
        query={query}
        columns={COLUMNS}
        sortValues={SORT_VALUES}
        defaultSort="name"
        search={search}
        onSearch={(next) => void navigate({ search: next, replace: true })}
        textsOf={({ name, description, words, zone }) => [name, description, words, zone]}
        tools={<ZoneSwitch />}
        empty={{
          Sign: IconCalendarPlus,
          title: 'No schedule yet',
          text: 'A schedule says when backups start; any number of policies can use it.',
          action: create,
        }}
      />
    </Page>
  );
}

const SORT_VALUES: SortValues<Schedule> = {
  name: ({ name }) => name,
  zone: ({ zone }) => zone,
  next: ({ nextFiringAt }) => nextFiringAt,
  policies: ({ policyCount }) => policyCount,
};

const COLUMNS: readonly Column<Schedule>[] = [
  {
    id: 'name',
    header: 'Schedule',
    wrap: true,
    sortKey: 'name',
    cell: ({ id, name }) => (
      <TextLink to="/schedules/$scheduleId" params={{ scheduleId: id }}>
        {name}
      </TextLink>
    ),
  },
  {
    id: 'words',
    header: 'Rule',
    wrap: true,
    cell: ({ words, warning }) => (
      <div className={classes.rule}>
        <span>{words}</span>
        <Warnings warnings={warning === null ? [] : [warning]} />
      </div>
    ),
  },
  { id: 'zone', header: 'Zone', sortKey: 'zone', cell: ({ zone }) => zone },
  {
    id: 'state',
    header: 'State',
    cell: ({ enabled }) => <Status tone={enabled ? 'good' : 'quiet'} text={enabled ? 'Enabled' : 'Disabled'} />,
  },
  {
    id: 'next',
    header: 'Next firing',
    sortKey: 'next',
    cell: ({ nextFiringAt }) =>
      nextFiringAt === null ? (
        '–'
      ) : (
        <div className={classes.rule}>
          <Moment at={nextFiringAt} />
          <span className={classes.quiet}>
            <Distance at={nextFiringAt} />
          </span>
        </div>
      ),
  },
  { id: 'policies', header: 'Policies', sortKey: 'policies', align: 'end', cell: ({ policyCount }) => policyCount },
];
