import type { Backup, RecoveryPanel } from '@cpm/contract';
import { NativeSelect, Skeleton } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ReadProblem } from '../../app/other-pages.tsx';
import { ButtonLink, TextLink } from '../../ui/links.tsx';
import { Moment, ZoneSwitch } from '../../ui/moment.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { BackupScripts } from '../backups/backup-scripts.tsx';
import { backupQuery } from '../backups/queries.ts';
import { choosePlace, groupResources, placeLabel, type PanelPlace } from './panel-groups.ts';
import { PanelResources } from './panel-resources.tsx';
import classes from './recovery-panel.module.css';
import { panelQuery } from './queries.ts';

const route = getRouteApi('/inside/backups/$backupId/recover');

/** The recovery panel of a backup: everything that can be brought back, how, and where to (REC-1). */
export function RecoveryPanelPage() {
  const { backupId } = route.useParams();
  const backup = useQuery(backupQuery(backupId));
  const panel = useQuery(panelQuery(backupId));
  const error = backup.error ?? panel.error;
  if (error && !(backup.data && panel.data)) {
    return <ReadProblem error={error} onRetry={() => void Promise.all([backup.refetch(), panel.refetch()])} />;
  }
  return (
    <Page
      title={backup.data ? `Recover from the backup of ${backup.data.policy.name}` : 'Recover'}
      trail={
        <TextLink to="/backups/$backupId" params={{ backupId }}>
          Backup
        </TextLink>
      }
      lead={
        backup.data && (
          <>
            As it was on <Moment at={backup.data.startedAt} />. Choosing makes nothing yet: everything is checked and
            shown first.
          </>
        )
      }
      actions={
        <>
          <ZoneSwitch />
          <ButtonLink to="/recoveries" search={{ backupId }} variant="default">
            Its recoveries
          </ButtonLink>
        </>
      }
    >
      {backup.data && panel.data ? (
        <PanelBody backup={backup.data} panel={panel.data} />
      ) : (
        <>
          <Skeleton height={66} />
          <Skeleton height={260} />
        </>
      )}
    </Page>
  );
}

function PanelBody({ backup, panel }: { readonly backup: Backup; readonly panel: RecoveryPanel }) {
  const search = route.useSearch();
  const place = choosePlace(panel, search);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  if (place === null) {
    return (
      <Panel>
        <p>
          {backup.status === 'in-progress'
            ? 'This backup is still in progress: nothing can be recovered from it yet.'
            : 'Nothing can be recovered from this backup.'}
        </p>
      </Panel>
    );
  }
  const { instances, independent, databases, clusters } = groupResources(panel, place);
  const placeSearch = place === panel.places[0] ? {} : { account: place.accountId, region: place.region };
  const shared = { backupId: backup.id, place: placeSearch };
  const several = instances.filter(({ resourceId }) => chosen.includes(resourceId)).map(({ resourceId }) => resourceId);
  return (
    <>
      <PlaceChoice panel={panel} place={place} onPlace={() => setChosen([])} />
      <PanelResources
        {...shared}
        title="Instances"
        resources={instances}
        chosen={chosen}
        onChoose={setChosen}
        tools={
          several.length > 1 ? (
            <ButtonLink
              to="/backups/$backupId/recover-instances"
              params={{ backupId: backup.id }}
              search={{ ...placeSearch, resources: several.join(',') }}
              size="xs"
              leftSection={<IconRestore size={14} />}
            >
              Recover {several.length} instances
            </ButtonLink>
          ) : (
            instances.length > 1 && <span className={classes.quiet}>Choose several to recover them together.</span>
          )
        }
      />
      <PanelResources
        {...shared}
        title="Independent volumes"
        resources={independent}
        tools={
          independent.length > 1 && (
            <ButtonLink
              to="/backups/$backupId/recover-volumes"
              params={{ backupId: backup.id }}
              search={{ ...placeSearch, resources: independent.map(({ resourceId }) => resourceId).join(',') }}
              size="xs"
              leftSection={<IconRestore size={14} />}
            >
              Recover independent volumes
            </ButtonLink>
          )
        }
      />
      <PanelResources {...shared} title="Databases" resources={databases} />
      <PanelResources {...shared} title="Clusters" resources={clusters} />
      <BackupScripts backup={backup} />
    </>
  );
}

type PlaceChoiceProps = {
  readonly panel: RecoveryPanel;
  readonly place: PanelPlace;
  readonly onPlace: () => void;
};

/** Where to: of several places one is chosen, a single one is told. */
function PlaceChoice({ panel: { places }, place, onPlace }: PlaceChoiceProps) {
  const navigate = route.useNavigate();
  return (
    <Panel>
      {places.length === 1 ? (
        <div className={classes.place}>
          <span className={classes.quiet}>Recover to</span>
          <strong>{placeLabel(place)}</strong>
        </div>
      ) : (
        <NativeSelect
          className={classes.places}
          label="Recover to"
          value={String(places.indexOf(place))}
          data={places.map((one, index) => ({ value: String(index), label: placeLabel(one) }))}
          onChange={({ currentTarget }) => {
            const next = places[Number(currentTarget.value)];
            onPlace();
            void navigate({ search: next ? { account: next.accountId, region: next.region } : {}, replace: true });
          }}
        />
      )}
    </Panel>
  );
}
