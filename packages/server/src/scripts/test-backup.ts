import { randomUUID } from 'node:crypto';
import { parseAccountId, parseBackupId, parseUserId, type Instant } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';

/** A running backup with the user and the account that it needs. */
export async function plantBackup(db: Kysely<Database>, at: Instant) {
  const ownerId = parseUserId(randomUUID());
  const accountId = parseAccountId(randomUUID());
  const backup = { id: parseBackupId(randomUUID()), ownerId, accountId, policyName: 'p', startedAt: at };
  const user = { email: 'a@example.org', kind: 'independent', password_hash: '' } as const;
  await db
    .insertInto('users')
    .values({ ...user, id: ownerId, name: `user-${ownerId}`, created_at: asTimestamp(at) })
    .execute();
  await db
    .insertInto('accounts')
    .values({
      id: accountId,
      owner_id: ownerId,
      name: 'account',
      kind: 'backup',
      access_key_id: '',
      secret_key: Buffer.from(''),
      aws_account_number: '',
      arn: '',
      scan_resources: false,
      may_delete_snapshots: false,
      created_at: asTimestamp(at),
      verified_at: asTimestamp(at),
    })
    .execute();
  await db
    .insertInto('backups')
    .values({
      id: backup.id,
      owner_id: ownerId,
      policy_id: null,
      policy_name: backup.policyName,
      account_id: accountId,
      account_name: 'account',
      trigger: 'manual',
      due_at: null,
      started_at: asTimestamp(at),
      phase: 'starting',
      reasons: [],
      is_generation: false,
      recoverable: false,
      progress_percent: 0,
      snapshot_count: 0,
      size_gib: 0,
    })
    .execute();
  return backup;
}
