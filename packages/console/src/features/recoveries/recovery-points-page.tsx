import type { RecoveryPoint } from '@cpm/contract';
import { isDatabaseKind, type TargetKind } from '@cpm/core';
import { CloseButton, TextInput } from '@mantine/core';
import { IconHistory, IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { resolveFieldTime } from '../../app/field-time.ts';
import { formatForField } from '../../app/moments.ts';
import { NotFoundPage } from '../../app/other-pages.tsx';
import { useZone } from '../../app/zone.ts';
import type { Column } from '../../ui/data-table.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Distance, Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page } from '../../ui/page.tsx';
import { PagedList } from '../../ui/paged-list.tsx';
import { Status } from '../../ui/status.tsx';
import { KIND_NAMES } from '../accounts/kinds.ts';
import { STATUS_NAMES, toneOfBackup } from '../backups/queries.ts';
import { counted } from './object-words.ts';
import { pointsQuery, type AskedPoints } from './queries.ts';
import classes from './recovery-panel.module.css';
import type { PointsSearch } from './recover-search.ts';

const route = getRouteApi('/inside/recover/points');

/** The moments to which one resource can be brought back, newest first or those before a time. */
export function RecoveryPointsPage() {
  const search = route.useSearch();
  const { account, kind, region, id } = search;
  if (account === undefined || kind === undefined || region === undefined || id === undefined) return <NotFoundPage />;
  const { before, limit, cursor } = search;
  return <Points search={search} asked={{ accountId: account, kind, region, awsId: id, before, limit, cursor }} />;
}

function Points({ search, asked }: { readonly search: PointsSearch; readonly asked: AskedPoints }) {
  const navigate = route.useNavigate();
  const query = useQuery(pointsQuery(asked));
  const { kind, awsId, region } = asked;
  const setBefore = (before: string | undefined) =>
    void navigate({ search: (now) => ({ ...now, cursor: undefined, before }) });
  return (
    <Page
      title={`Recover ${search.name || awsId}`}
      trail={<TextLink to="/recover">Recover</TextLink>}
      lead={`${KIND_NAMES[kind][0]} ${awsId} in ${region}. Which moment?`}
      actions={<ZoneSwitch />}
    >
      <PagedList
        noun="moment"
        label="Moments"
        query={query}
        columns={columnsOf(kind)}
        rowId={({ backupId, resourceId }) => `${backupId} ${resourceId}`}
        search={search}
        onPage={(page, trail) => void navigate({ search: (now) => ({ ...now, ...page }), state: { trail } })}
        filters={<BeforeField before={asked.before} onChange={setBefore} />}
        empty={{
          Sign: IconHistory,
          title: 'No backup holds it any more',
          text: 'Its snapshots are gone, or the last one is not complete yet.',
          action: (
            <ButtonLink to="/recover" variant="default">
              Choose something else
            </ButtonLink>
          ),
        }}
        noMatch={
          asked.before === undefined
            ? null
            : {
                title: 'It was not backed up by then',
                clearLabel: 'Show all moments',
                onClear: () => setBefore(undefined),
              }
        }
      />
    </Page>
  );
}

type BeforeProps = { readonly before: string | undefined; readonly onChange: (before: string | undefined) => void };

function BeforeField({ before, onChange }: BeforeProps) {
  const { zone } = useZone();
  const shown = before === undefined ? '' : formatForField(before, zone);
  return (
    <search className={classes.before}>
      <TextInput
        key={shown}
        size="xs"
        type="datetime-local"
        label="As it was at"
        description={`In ${zone}: the first one shown is its state at that time.`}
        defaultValue={shown}
        rightSection={
          before === undefined ? null : (
            <CloseButton size="xs" aria-label="Clear the time" onClick={() => onChange(undefined)} />
          )
        }
        onBlur={({ currentTarget }) => {
          const next = resolveFieldTime(currentTarget.value, zone);
          if (next !== before) onChange(next);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
        }}
      />
    </search>
  );
}

function columnsOf(kind: TargetKind): readonly Column<RecoveryPoint>[] {
  return [
    {
      id: 'at',
      header: 'Moment',
      cell: ({ at }) => (
        <>
          <Moment at={at} />
          <div className={classes.quiet}>
            <Distance at={at} />
          </div>
        </>
      ),
    },
    {
      id: 'backup',
      header: 'Backup of',
      wrap: true,
      cell: ({ backupId, policyName, isFrozen }) => (
        <>
          <TextLink to="/backups/$backupId" params={{ backupId }}>
            {policyName}
          </TextLink>
          {isFrozen && <div className={classes.quiet}>In the freezer</div>}
        </>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      cell: ({ backupStatus }) => <Status tone={toneOfBackup(backupStatus)} text={STATUS_NAMES[backupStatus]} />,
    },
    {
      id: 'snapshots',
      header: 'Snapshots',
      cell: ({ completedSnapshots, snapshots }) =>
        completedSnapshots === snapshots
          ? counted(snapshots, 'snapshot')
          : `${completedSnapshots} of ${snapshots} complete`,
    },
    { id: 'recover', header: 'Recover', isHeaderHidden: true, tight: true, cell: (point) => ways(kind, point) },
  ];
}

/** The ways straight to the forms. */
function ways(kind: TargetKind, { backupId, resourceId, at }: RecoveryPoint) {
  const to = { params: { backupId, resourceId }, size: 'compact-sm', leftSection: <IconRestore size={14} /> } as const;
  if (isDatabaseKind(kind)) {
    return (
      <ButtonLink to="/backups/$backupId/recover-database/$resourceId" {...to} aria-label={`Recover it as of ${at}`}>
        Recover
      </ButtonLink>
    );
  }
  return (
    <div className={classes.rowButtons}>
      {kind === 'instance' && (
        <ButtonLink to="/backups/$backupId/recover-instance/$resourceId" {...to} aria-label={`Instance as of ${at}`}>
          Instance
        </ButtonLink>
      )}
      <ButtonLink
        to="/backups/$backupId/recover-volumes/$resourceId"
        {...to}
        variant={kind === 'instance' ? 'default' : 'filled'}
        aria-label={`${kind === 'instance' ? 'Volumes only' : 'Volume'} as of ${at}`}
      >
        {kind === 'instance' ? 'Volumes only' : 'Volume'}
      </ButtonLink>
    </div>
  );
}
