import type { AttemptId, BackupId, InstallationId, PolicyId } from '../ids.ts';
import type { Tag } from '../recovery/instance-configuration.ts';

/** The keys that CPM writes on every snapshot it makes; `attempt` finds one again whose answer was lost. */
export const CPM_TAG_KEYS = {
  installation: 'cpm:installation',
  policy: 'cpm:policy',
  backup: 'cpm:backup',
  source: 'cpm:source',
  attempt: 'cpm:attempt',
} as const;

/** AWS allows so many tags on one resource (EC2 User Guide, "Tag your resources"). */
export const MOST_TAGS = 50;
const LONGEST_DESCRIPTION = 255;

export type SnapshotLabels = {
  readonly installationId: InstallationId;
  readonly policyId: PolicyId;
  readonly backupId: BackupId;
  readonly attemptId: AttemptId;
  /** The instance or volume that the call names. */
  readonly sourceId: string;
};

/** CPM's own tags for a snapshot call (BKP-3). */
export function snapshotTags(labels: SnapshotLabels): Tag[] {
  return [
    { key: CPM_TAG_KEYS.installation, value: labels.installationId },
    { key: CPM_TAG_KEYS.policy, value: labels.policyId },
    { key: CPM_TAG_KEYS.backup, value: labels.backupId },
    { key: CPM_TAG_KEYS.source, value: labels.sourceId },
    { key: CPM_TAG_KEYS.attempt, value: labels.attemptId },
  ];
}

/**
 * CPM's tags with the source's own behind them: `aws:` and `cpm:` ones are never copied, and what AWS's limit of 50
 * leaves no room for is in `dropped` (last keys in order of the alphabet), to be named in the log.
 */
export function withSourceTags(own: readonly Tag[], source: readonly Tag[]): { tags: Tag[]; dropped: string[] } {
  const ownKeys = new Set(own.map(({ key }) => key));
  const copied = source
    .filter(({ key }) => !ownKeys.has(key) && !/^(?:aws|cpm):/i.test(key))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const room = Math.max(0, MOST_TAGS - own.length);
  return { tags: [...own, ...copied.slice(0, room)], dropped: copied.slice(room).map(({ key }) => key) };
}

/** The description written on a snapshot: names the policy and what it is of, at most 255 characters. */
export function snapshotDescription(policyName: string, sourceId: string): string {
  return `CPM backup of ${sourceId} by policy ${policyName}`.slice(0, LONGEST_DESCRIPTION);
}

/**
 * The identifier under which RDS and Redshift make the snapshot of an attempt: it is the key by which they refuse a second
 * one, so it follows from the attempt alone. At most 60 characters, fit for copies too (Amazon RDS API Reference, CopyDBClusterSnapshot).
 */
export function databaseSnapshotName(policyName: string, attemptId: AttemptId): string {
  const safe = policyName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 19)
    .replace(/-$/, '');
  return `cpm-${safe}-${attemptId}`;
}
