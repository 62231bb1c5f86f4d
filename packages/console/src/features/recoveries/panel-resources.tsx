import { Button, Checkbox } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { CopyableId } from '../../ui/copy-text.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { Panel } from '../../ui/page.tsx';
import { KIND_NAMES } from '../accounts/kinds.ts';
import { capitalized, counted } from './object-words.ts';
import type { PanelResource } from './panel-groups.ts';
import type { PlaceSearch } from './place-search.ts';
import classes from './recovery-panel.module.css';

type PanelResourcesProps = {
  readonly title: string;
  readonly backupId: string;
  readonly place: PlaceSearch;
  readonly resources: readonly PanelResource[];
  readonly tools?: ReactNode;
  /** Which are chosen to be recovered together; absent where that cannot be. */
  readonly chosen?: readonly string[];
  readonly onChoose?: (chosen: readonly string[]) => void;
};

/** What can be brought back of one sort, each with its ways; absent where the backup holds none. */
export function PanelResources({ title, resources, tools, chosen, onChoose, ...where }: PanelResourcesProps) {
  if (resources.length === 0) return null;
  return (
    <Panel title={title} tools={tools} flush>
      <ul className={classes.list}>
        {resources.map((resource) => (
          <li key={resource.resourceId} className={classes.resource}>
            {chosen && onChoose && (
              <ChooseBox resource={resource} chosen={chosen} onChoose={onChoose} isAlone={resources.length === 1} />
            )}
            <div className={classes.what}>
              <strong>{resource.name}</strong>
              <div className={classes.quiet}>
                {resource.name !== resource.awsId && <CopyableId id={resource.awsId} />}
                {KIND_NAMES[resource.kind][0]}, {counted(resource.completedSnapshots, 'snapshot')}
              </div>
            </div>
            <Ways resource={resource} {...where} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

type ChooseProps = Required<Pick<PanelResourcesProps, 'chosen' | 'onChoose'>> & {
  readonly resource: PanelResource;
  readonly isAlone: boolean;
};

function ChooseBox({ resource: { resourceId, name, ways }, chosen, onChoose, isAlone }: ChooseProps) {
  const isOffered = ways.some(({ way, isOffered }) => way === 'instance' && isOffered);
  if (isAlone) return null;
  return (
    <Checkbox
      aria-label={`Choose ${name}`}
      disabled={!isOffered}
      checked={chosen.includes(resourceId)}
      onChange={({ currentTarget }) =>
        onChoose(currentTarget.checked ? [...chosen, resourceId] : chosen.filter((one) => one !== resourceId))
      }
    />
  );
}

type Way = PanelResource['ways'][number];
type WayPlace = Pick<PanelResourcesProps, 'backupId' | 'place'> & { readonly resource: PanelResource };

const WAY_WORDS: Record<Way['way'], string> = {
  instance: 'Instance',
  volumes: 'Volumes only',
  database: 'Database',
  'database-cluster': 'Cluster',
  'redshift-cluster': 'Cluster',
};

function Ways({ resource, ...where }: WayPlace) {
  return (
    <div className={classes.ways}>
      <div className={classes.buttons}>
        {resource.ways.map((way) => (
          <WayButton key={way.way} way={way} resource={resource} {...where} />
        ))}
      </div>
      {resource.ways.map(
        ({ way, why, isOffered }) =>
          why !== null && (
            <p key={way} className={classes.why}>
              {isOffered ? capitalized(why) : `${wordOf(way, resource)} is not possible: ${why}`}
            </p>
          ),
      )}
    </div>
  );
}

/** Of a volume by itself there is no "only". */
const wordOf = (way: Way['way'], { kind }: PanelResource): string => (kind === 'volume' ? 'Volume' : WAY_WORDS[way]);

function WayButton({ way: { way, isOffered }, resource, backupId, place }: WayPlace & { readonly way: Way }) {
  const word = wordOf(way, resource);
  const look = {
    size: 'xs',
    variant: way === 'volumes' && resource.kind === 'instance' ? 'default' : 'filled',
    leftSection: <IconRestore size={14} />,
    'aria-label': `${word}: ${resource.name}`,
  } as const;
  if (!isOffered) {
    return (
      <Button {...look} disabled>
        {word}
      </Button>
    );
  }
  const to = { params: { backupId, resourceId: resource.resourceId }, search: place } as const;
  switch (way) {
    case 'instance':
      return (
        <ButtonLink to="/backups/$backupId/recover-instance/$resourceId" {...to} {...look}>
          {word}
        </ButtonLink>
      );
    case 'volumes':
      return (
        <ButtonLink to="/backups/$backupId/recover-volumes/$resourceId" {...to} {...look}>
          {word}
        </ButtonLink>
      );
    case 'database':
    case 'database-cluster':
    case 'redshift-cluster':
      return (
        <ButtonLink to="/backups/$backupId/recover-database/$resourceId" {...to} {...look}>
          {word}
        </ButtonLink>
      );
  }
}
