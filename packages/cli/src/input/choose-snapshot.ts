import type { BackedUpResource, Snapshot } from '@cpm/contract';
import { wrongInput } from '../command.ts';

export type Chosen = { readonly resource: BackedUpResource; readonly snapshot: Snapshot };

/** The snapshot of a backup that an AWS volume id, an AWS snapshot id or CPM's own id names; throws `invalid_request`. */
export function chooseSnapshot(resources: readonly BackedUpResource[], text: string, path: string): Chosen {
  const all = resources.flatMap((resource) => resource.snapshots.map((snapshot) => ({ resource, snapshot })));
  const found = all.filter(({ snapshot }) => [snapshot.sourceId, snapshot.awsSnapshotId, snapshot.id].includes(text));
  const [first, ...others] = found;
  if (first === undefined) {
    const known = all.map(({ snapshot }) => snapshot.sourceId).join(', ');
    throw wrongInput(path, `the backup holds no snapshot of ${text}; it holds ${known === '' ? 'none' : known}`);
  }
  // A volume that is a target by itself and attached to an instance that is one too was backed up twice.
  if (others.length > 0) {
    throw wrongInput(
      path,
      `${text} has several snapshots; name one: ${found.map((each) => each.snapshot.id).join(', ')}`,
    );
  }
  return first;
}

const NOUNS = {
  instance: 'instances',
  database: 'databases',
  'database-cluster': 'database clusters',
  'redshift-cluster': 'Redshift clusters',
} as const;

type Choosing = {
  readonly kind: keyof typeof NOUNS;
  /** The option that names it. */
  readonly option: string;
};

/** The backed-up resource of a kind that an AWS id, a name or CPM's own id names; the only one when nothing is named. */
export function chooseResource(
  resources: readonly BackedUpResource[],
  text: string | undefined,
  { kind, option }: Choosing,
): BackedUpResource {
  const ofKind = resources.filter((resource) => resource.kind === kind);
  const found = ofKind.filter(
    ({ id, resourceId, resourceName }) => text === undefined || [id, resourceId, resourceName].includes(text),
  );
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  const known = ofKind.map((resource) => resource.resourceId).join(', ');
  throw wrongInput(
    option,
    `${text === undefined ? 'name one' : `"${text}" names ${found.length === 0 ? 'none' : 'several'}`} of the backed-up ${NOUNS[kind]}: ${known === '' ? 'there are none' : known}`,
  );
}

/** The snapshots of resources from which volumes can be made. */
export const completedSnapshots = (resources: readonly BackedUpResource[]): Snapshot[] =>
  resources.flatMap(({ snapshots }) => snapshots).filter(({ state }) => state === 'completed');

/** The backed-up instance that is named, or the only one. */
export const chooseInstance = (resources: readonly BackedUpResource[], text: string | undefined): BackedUpResource =>
  chooseResource(resources, text, { kind: 'instance', option: '--instance' });
