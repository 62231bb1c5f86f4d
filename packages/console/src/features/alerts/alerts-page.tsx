import type { Alert } from '@cpm/contract';
import { SegmentedControl } from '@mantine/core';
import { IconBellCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Column } from '../../ui/data-table.tsx';
import { TextLink } from '../../ui/links.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { PagedList } from '../../ui/paged-list.tsx';
import { Status } from '../../ui/status.tsx';
import classes from './alerts-page.module.css';
import { alertsQuery, SEVERITIES } from './queries.ts';

const route = getRouteApi('/inside/alerts');

/** What needs a person now, and on request what did before. */
export function AlertsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const show = (state: 'all' | undefined) => void navigate({ search: { limit: search.limit, state } });
  return (
    <Page
      title="Alerts"
      lead="What needs you. An alert closes by itself once its cause is put right."
      actions={<ZoneSwitch />}
    >
      <PagedList
        noun="alert"
        label="Alerts"
        filters={
          <div className={classes.filters}>
            <SegmentedControl
              size="xs"
              aria-label="Which alerts"
              value={search.state ?? 'open'}
              data={[
                { value: 'open', label: 'Open' },
                { value: 'all', label: 'Open and closed' },
              ]}
              onChange={(next) => show(next === 'all' ? next : undefined)}
            />
          </div>
        }
        query={useQuery(alertsQuery(search))}
        columns={COLUMNS}
        rowId={({ id }) => id}
        search={search}
        onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
        empty={{ Sign: IconBellCheck, title: 'No alert yet', text: 'Nothing has ever needed you.' }}
        noMatch={
          search.state === 'all'
            ? null
            : {
                Sign: IconBellCheck,
                title: 'No alert is open',
                text: 'Failed and missed backups, denied AWS calls, and differences between AWS and the records would stand here.',
                clearLabel: 'Show closed ones',
                onClear: () => show('all'),
              }
        }
      />
    </Page>
  );
}

const COLUMNS: readonly Column<Alert>[] = [
  {
    id: 'severity',
    header: 'Severity',
    tight: true,
    cell: ({ severity }) => <Status tone={SEVERITIES[severity][0]} text={SEVERITIES[severity][1]} />,
  },
  {
    id: 'what',
    header: 'What',
    wrap: true,
    cell: (alert) => <AlertWords alert={alert} />,
  },
  { id: 'opened', header: 'Opened', cell: ({ openedAt }) => <Moment at={openedAt} /> },
  { id: 'closed', header: 'Closed', cell: ({ closedAt }) => (closedAt === null ? 'Open' : <Moment at={closedAt} />) },
];

/** What an alert says, with the ways to what it is about. */
function AlertWords({ alert: { title, message, policy, backupId } }: { readonly alert: Alert }) {
  return (
    <div className={classes.what}>
      <strong>{title}</strong>
      {message !== '' && <span className={classes.message}>{message}</span>}
      {(policy !== null || backupId !== null) && (
        <span className={classes.links}>
          {policy && (
            <TextLink to="/policies/$policyId" params={{ policyId: policy.id }}>
              Policy {policy.name}
            </TextLink>
          )}
          {backupId !== null && (
            <TextLink to="/backups/$backupId" params={{ backupId }}>
              Open the backup
            </TextLink>
          )}
        </span>
      )}
    </div>
  );
}
