import { CPM_TAG_KEYS } from '../backup/snapshot-tags.ts';
import type { BackupId, InstallationId } from '../ids.ts';

/** What keeps a snapshot from being deleted; `passing` ends by itself, the others end when somebody does something. */
export type DeletionObstacle = 'in-use' | 'locked' | 'shared' | 'denied' | 'foreign' | 'passing' | 'refused';

/** What AWS's code for a refused deletion means; null where the class of the error says more. */
export function obstacleOfCode(awsCode: string): Exclude<DeletionObstacle, 'foreign' | 'passing' | 'denied'> | null {
  if (awsCode === 'InvalidSnapshot.InUse') return 'in-use';
  if (/Locked/.test(awsCode)) return 'locked';
  // Redshift deletes no snapshot that another account may restore, and none that is still being made.
  if (awsCode === 'InvalidClusterSnapshotState' || awsCode === 'ClusterSnapshotStateFault') return 'shared';
  return null;
}

/** How an obstacle begins in a log line. */
export const OBSTACLE_TEXT: Readonly<Record<DeletionObstacle, string>> = {
  'in-use': 'an image uses it',
  locked: 'it is locked',
  shared: 'it is shared with another account or still being made',
  denied: 'AWS does not allow CPM to delete it',
  foreign: "its tags do not say that it is this backup's",
  passing: 'AWS could not do it now',
  refused: 'AWS refused it',
};

/** Obstacles that nobody meant to be there: an alert tells them. */
export const isUnexpectedObstacle = (obstacle: DeletionObstacle): boolean =>
  obstacle === 'denied' || obstacle === 'foreign' || obstacle === 'refused';

/**
 * Why a snapshot must not be deleted by what its own tags in AWS say; null when they name this installation and this
 * backup (I3). A record alone is no proof: it may come from an older database or another installation's copy.
 */
export function foreignBecause(
  tags: Readonly<Record<string, string>>,
  mine: { readonly installationId: InstallationId; readonly backupId: BackupId },
): string | null {
  const installation = tags[CPM_TAG_KEYS.installation];
  if (installation === undefined) return `it has lost its tag ${CPM_TAG_KEYS.installation}`;
  if (installation !== mine.installationId) return 'its tags name another installation of CPM';
  const backup = tags[CPM_TAG_KEYS.backup];
  return backup === mine.backupId ? null : `its tag ${CPM_TAG_KEYS.backup} does not name this backup`;
}
