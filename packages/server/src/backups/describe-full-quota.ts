import { isCpmError, type DatabaseService } from '@cpm/core';
import type { DatabasePorts } from '../accounts/database-ports.ts';
import { readSnapshotQuota } from '../accounts/read-snapshot-quota.ts';

const WORDS: Readonly<Record<DatabaseService, string>> = {
  rds: 'manual snapshots of databases',
  'rds-cluster': 'manual snapshots of database clusters',
  redshift: 'manual snapshots of Redshift clusters',
};

/** The sentence that goes before AWS's own when a quota of snapshots is full: which, and how many are used. */
export async function describeFullQuota(ports: DatabasePorts, service: DatabaseService): Promise<string> {
  const figures = await figuresOf(ports, service);
  return `The quota of ${WORDS[service]} in ${ports.region} is used up${figures}: delete some, keep fewer generations, or ask AWS for more. `;
}

async function figuresOf(ports: DatabasePorts, service: DatabaseService): Promise<string> {
  try {
    const quota = await readSnapshotQuota(ports, service);
    if (quota === null) return '';
    // Of Redshift AWS tells no limit: only what is there is certain.
    return quota.isAssumed ? ` (${quota.used} there)` : ` (${quota.used} of ${quota.max})`;
  } catch (error) {
    if (!isCpmError(error) || error.code === 'shutting_down') throw error;
    return '';
  }
}
