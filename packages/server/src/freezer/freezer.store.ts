import { cpmError, type BackupId, type Instant, type UserId } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { isNameTaken } from '../db/unique.ts';
import { asTimestamp } from '../db/values.ts';
import { announce } from '../events/announce.ts';

export type Frozen = {
  readonly at: Instant;
  readonly name: string;
  readonly description: string;
  readonly by: string;
};

/** Puts a backup into the freezer; throws `conflict_name_taken`. */
export async function freezeBackup(
  tx: Kysely<Database>,
  ownerId: UserId,
  backupId: BackupId,
  frozen: Frozen,
): Promise<void> {
  await orNameTaken(
    frozen.name,
    tx
      .updateTable('backups')
      .set({
        frozen_at: asTimestamp(frozen.at),
        frozen_name: frozen.name,
        frozen_description: frozen.description,
        frozen_by: frozen.by,
      })
      .where('id', '=', backupId)
      .where('owner_id', '=', ownerId)
      .execute(),
  );
  await announce(tx, ownerId, 'backup', backupId);
}

/** Changes what a frozen backup is called; throws `not_found` or `conflict_name_taken`. */
export async function renameFrozen(
  tx: Kysely<Database>,
  ownerId: UserId,
  backupId: BackupId,
  { name, description }: { readonly name?: string | undefined; readonly description?: string | undefined },
): Promise<void> {
  const changed = await orNameTaken(
    name ?? '',
    tx
      .updateTable('backups')
      .set((set) => ({
        frozen_name: name ?? set.ref('frozen_name'),
        frozen_description: description ?? set.ref('frozen_description'),
      }))
      .where('id', '=', backupId)
      .where('owner_id', '=', ownerId)
      .where('frozen_at', 'is not', null)
      .returning('id')
      .execute(),
  );
  if (changed.length === 0) throw cpmError('not_found', { params: { noun: 'frozen backup' } });
  await announce(tx, ownerId, 'backup', backupId);
}

async function orNameTaken<T>(name: string, writes: Promise<T>): Promise<T> {
  try {
    return await writes;
  } catch (error) {
    if (!isNameTaken(error, 'backups_frozen_name')) throw error;
    throw cpmError('conflict_name_taken', { params: { name, noun: 'frozen backup' } });
  }
}
