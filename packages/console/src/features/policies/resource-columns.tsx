import type { Resource } from '@cpm/contract';
import { isDatabaseKind, type TargetKind } from '@cpm/core';
import { Checkbox, Popover, UnstyledButton } from '@mantine/core';
import type { SortValues } from '../../app/list-search.ts';
import { CopyableId } from '../../ui/copy-text.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { TextLink } from '../../ui/links.tsx';
import classes from './resource-list.module.css';

/** What is ticked in a picker. */
export type Choice = {
  readonly has: (resource: Resource) => boolean;
  readonly toggle: (resource: Resource) => void;
  readonly all: (resources: readonly Resource[]) => void;
};

/** What of a resource is searched. */
export const textsOf = ({ id, name, type, platform, tags }: Resource): string[] => [
  id,
  name,
  type,
  platform,
  ...tags.map(({ key, value }) => `${key}=${value}`),
];

/** What its columns are sorted by. */
export const SORT_VALUES: SortValues<Resource> = {
  name: ({ name }) => name || null,
  id: ({ id }) => id,
  type: ({ type }) => type,
  engine: ({ platform }) => platform,
  state: ({ state }) => state,
  size: ({ sizeGiB }) => sizeGiB,
  policies: ({ policies }) => policies.length,
};

/** The columns of a picker, by the kind of what is picked. */
export function columnsOf(choice: Choice, kind: TargetKind): readonly Column<Resource>[] {
  return [
    {
      id: 'choose',
      header: 'Choose',
      isHeaderHidden: true,
      tight: true,
      cell: (resource) => (
        <Checkbox
          aria-label={`Choose ${resource.name || resource.id}`}
          checked={choice.has(resource)}
          disabled={resource.cannotBeTarget !== null}
          onChange={() => choice.toggle(resource)}
        />
      ),
    },
    ...(isDatabaseKind(kind) ? DATABASE_COLUMNS : EC2_COLUMNS),
    ...(kind === 'volume' ? VOLUME_COLUMNS : []),
    { id: 'tags', header: 'Tags', wrap: true, cell: ({ tags }) => <Tags tags={tags} /> },
    {
      id: 'policies',
      header: 'In policies',
      sortKey: 'policies',
      cell: ({ policies }) => <InPolicies policies={policies} />,
    },
  ];
}

/** The state as AWS names it, and why it cannot be a target, where it cannot. */
function stateOf({ state, zone, cannotBeTarget }: Resource) {
  return (
    <div className={classes.cell}>
      <span>{zone === '' ? state : `${state} · ${zone}`}</span>
      {cannotBeTarget !== null && <span className={classes.why}>{cannotBeTarget}</span>}
    </div>
  );
}

const EC2_COLUMNS: readonly Column<Resource>[] = [
  { id: 'name', header: 'Name', wrap: true, sortKey: 'name', cell: ({ name }) => name || '–' },
  { id: 'id', header: 'Id', sortKey: 'id', cell: ({ id }) => <CopyableId id={id} /> },
  {
    id: 'type',
    header: 'Type',
    sortKey: 'type',
    cell: ({ type, platform }) => (platform === '' ? type : `${type} · ${platform}`),
  },
  { id: 'state', header: 'State', wrap: true, sortKey: 'state', cell: stateOf },
  {
    id: 'size',
    header: 'Size',
    sortKey: 'size',
    align: 'end',
    cell: ({ kind, sizeGiB, volumes }) =>
      kind === 'instance' ? `${volumes.length} × · ${sizeGiB} GiB` : `${sizeGiB} GiB`,
  },
];

const VOLUME_COLUMNS: readonly Column<Resource>[] = [
  { id: 'attached', header: 'Attached to', cell: ({ attachedTo }) => attachedTo ?? '–' },
];

/** A database has no name but its identifier; what runs in it matters, and AWS tells a size not for all. */
const DATABASE_COLUMNS: readonly Column<Resource>[] = [
  { id: 'id', header: 'Identifier', wrap: true, sortKey: 'id', cell: ({ id }) => <CopyableId id={id} /> },
  { id: 'engine', header: 'Engine', sortKey: 'engine', wrap: true, cell: ({ platform }) => platform || '–' },
  {
    id: 'type',
    header: 'Class',
    sortKey: 'type',
    cell: ({ type, database }) => (
      <div className={classes.cell}>
        <span>{type || '–'}</span>
        {database && <span className={classes.why}>{describeShape(database)}</span>}
      </div>
    ),
  },
  { id: 'state', header: 'State', wrap: true, sortKey: 'state', cell: stateOf },
  {
    id: 'size',
    header: 'Size',
    sortKey: 'size',
    align: 'end',
    cell: ({ sizeGiB }) => (sizeGiB === 0 ? '–' : `${sizeGiB} GiB`),
  },
];

/** How a database is spread: over zones, or over the members of its cluster. */
function describeShape({ isMultiAz, members }: NonNullable<Resource['database']>): string {
  const readers = members.filter(({ isWriter }) => !isWriter).length;
  if (members.length > 0)
    return `${members.length - readers} writer, ${readers} ${readers === 1 ? 'reader' : 'readers'}`;
  return isMultiAz ? 'Multi-AZ' : '';
}

function Tags({ tags }: Pick<Resource, 'tags'>) {
  const shown = tags.filter(({ key }) => key !== 'Name');
  if (shown.length === 0) return '–';
  return (
    <span className={classes.tags}>
      {shown.slice(0, 3).map(({ key, value }) => (
        <span key={key} className={classes.tag}>
          {key}={value}
        </span>
      ))}
      {shown.length > 3 && (
        <span
          title={shown
            .slice(3)
            .map(({ key, value }) => `${key}=${value}`)
            .join('\n')}
        >
          +{shown.length - 3}
        </span>
      )}
    </span>
  );
}

function InPolicies({ policies }: Pick<Resource, 'policies'>) {
  if (policies.length === 0) return 'None';
  return (
    <Popover withArrow shadow="md" position="bottom-end">
      <Popover.Target>
        <UnstyledButton className={classes.policies} aria-label={`In ${policies.length} policies: show which`}>
          {policies.length}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <ul className={classes.policyList}>
          {policies.map(({ id, name }) => (
            <li key={id}>
              <TextLink to="/policies/$policyId" params={{ policyId: id }}>
                {name}
              </TextLink>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
