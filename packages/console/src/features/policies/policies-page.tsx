import type { Policy } from '@cpm/contract';
import { IconPlus, IconShieldPlus } from '@tabler/icons-react';
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
import { toneOfBackup } from '../backups/queries.ts';
import classes from './policies-page.module.css';
import { PolicyState, stateWordOf } from './policy-state.tsx';
import { policiesQuery } from './queries.ts';
import { RunNowButton } from './run-now.tsx';

const route = getRouteApi('/inside/policies');

/** All policies, with what is wrong with each and what it did last. */
export function PoliciesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(policiesQuery);
  const create = (
    <ButtonLink to="/policies/new" leftSection={<IconPlus size={16} />}>
      New policy
    </ButtonLink>
  );
  return (
    <Page title="Policies" actions={create}>
      <ListPanel
        noun="policy"
        nouns="policies"
        query={query}
        columns={COLUMNS}
        sortValues={SORT_VALUES}
        defaultSort="name"
        search={search}
        onSearch={(next) => void navigate({ search: next, replace: true })}
        textsOf={textsOf}
        tools={<ZoneSwitch />}
        empty={{
          Sign: IconShieldPlus,
          title: 'No policy yet',
          text: 'A policy says what is backed up, when, and how many generations are kept.',
          action: create,
        }}
      />
    </Page>
  );
}

const textsOf = (policy: Policy): readonly string[] => [
  policy.name,
  policy.description,
  policy.account.name,
  stateWordOf(policy),
  ...policy.schedules.map(({ name }) => name),
];

const SORT_VALUES: SortValues<Policy> = {
  name: ({ name }) => name,
  // Overdue ones first, disabled ones last.
  state: ({ enabled, overdue }) => (!enabled ? 2 : overdue === null ? 1 : 0),
  account: ({ account }) => account.name,
  targets: ({ targetCount }) => targetCount,
  generations: ({ generations }) => generations,
  last: ({ lastBackup }) => lastBackup?.startedAt ?? null,
  recovery: ({ lastRecovery }) => lastRecovery?.startedAt ?? null,
  next: ({ nextFiringAt }) => nextFiringAt,
};

const COLUMNS: readonly Column<Policy>[] = [
  { id: 'name', header: 'Policy', wrap: true, sortKey: 'name', cell: (policy) => <NameCell policy={policy} /> },
  { id: 'state', header: 'State', wrap: true, sortKey: 'state', cell: (policy) => <PolicyState policy={policy} /> },
  { id: 'account', header: 'Account', wrap: true, sortKey: 'account', cell: ({ account }) => account.name },
  {
    id: 'schedules',
    header: 'Schedules',
    wrap: true,
    cell: ({ schedules }) => (schedules.length === 0 ? '–' : schedules.map(({ name }) => name).join(', ')),
  },
  { id: 'targets', header: 'Targets', sortKey: 'targets', align: 'end', cell: ({ targetCount }) => targetCount },
  {
    id: 'generations',
    header: 'Generations',
    sortKey: 'generations',
    align: 'end',
    cell: ({ generations }) => generations,
  },
  { id: 'last', header: 'Last backup', sortKey: 'last', cell: (policy) => <LastBackupCell policy={policy} /> },
  {
    id: 'recovery',
    header: 'Last recovery',
    sortKey: 'recovery',
    cell: (policy) => <LastRecoveryCell policy={policy} />,
  },
  { id: 'next', header: 'Next', sortKey: 'next', cell: ({ nextFiringAt }) => <NextCell at={nextFiringAt} /> },
  {
    id: 'run',
    header: 'Actions',
    isHeaderHidden: true,
    tight: true,
    cell: ({ id, name, targetCount }) => (
      <RunNowButton
        policyId={id}
        size="compact-sm"
        variant="default"
        disabled={targetCount === 0}
        describedAs={`Run now: ${name}`}
      />
    ),
  },
];

function NameCell({ policy }: { readonly policy: Policy }) {
  return (
    <div className={classes.name}>
      <TextLink to="/policies/$policyId" params={{ policyId: policy.id }}>
        {policy.name}
      </TextLink>
      <Warnings warnings={policy.warnings} />
    </div>
  );
}

function LastBackupCell({ policy: { lastBackup } }: { readonly policy: Policy }) {
  if (lastBackup === null) return <span className={classes.quiet}>None yet</span>;
  return (
    <div className={classes.name}>
      <TextLink to="/backups/$backupId" params={{ backupId: lastBackup.id }} isPlain>
        <Status tone={toneOfBackup(lastBackup.status)} text={lastBackup.statusText} />
      </TextLink>
      <span className={classes.quiet}>
        <Moment at={lastBackup.startedAt} />
      </span>
    </div>
  );
}

/** When anybody last saw that the policy's backups can be brought back (POL-9). */
function LastRecoveryCell({ policy: { lastRecovery } }: { readonly policy: Policy }) {
  if (lastRecovery === null) return <span className={classes.quiet}>Never</span>;
  return (
    <div className={classes.name}>
      <TextLink to="/recoveries/$recoveryId" params={{ recoveryId: lastRecovery.id }} isPlain>
        <Status tone={toneOfBackup(lastRecovery.status)} text={lastRecovery.statusText} />
      </TextLink>
      <span className={classes.quiet}>
        <Moment at={lastRecovery.startedAt} />
      </span>
    </div>
  );
}

function NextCell({ at }: { readonly at: string | null }) {
  if (at === null) return <span className={classes.quiet}>–</span>;
  return (
    <div className={classes.name}>
      <Moment at={at} />
      <span className={classes.quiet}>
        <Distance at={at} />
      </span>
    </div>
  );
}
