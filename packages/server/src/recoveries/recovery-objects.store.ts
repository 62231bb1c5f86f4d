import { randomUUID } from 'node:crypto';
import type { Instant, RecoveryId, RecoveryObjectKind } from '@cpm/core';
import type { Kysely } from 'kysely';
import type { Database, TakenFrom } from '../db/schema.ts';
import { asTimestamp } from '../db/values.ts';
import type { RecoveryRow } from './recoveries.store.ts';

/** Something that a recovery makes; the row is written before the call (I8). */
export type ObjectRow = {
  readonly id: string;
  readonly recoveryId: RecoveryId;
  readonly position: number;
  readonly kind: RecoveryObjectKind;
  /** Made by the recovery, or there before and replaced by it. */
  readonly role: 'made' | 'replaced';
  /** Of a replaced volume: where it belongs while it may be off there; null while it is certainly in its place. */
  readonly takenFrom: TakenFrom | null;
  readonly region: string;
  /** The client token, or part of the name, that finds it again after a lost answer. */
  readonly token: string;
  readonly awsId: string | null;
  readonly state: 'creating' | 'kept' | 'removed' | 'failed';
  readonly note: string;
  readonly madeAt: Instant;
};

const objectColumns = [
  'id',
  'recovery_id as recoveryId',
  'position',
  'kind',
  'role',
  'taken_from as takenFrom',
  'region',
  'token',
  'aws_id as awsId',
  'state',
  'note',
  'made_at as madeAt',
] as const;

/** Everything that recoveries made or tried to, in order. */
export async function findObjects(db: Kysely<Database>, recoveryIds: readonly RecoveryId[]): Promise<ObjectRow[]> {
  if (recoveryIds.length === 0) return [];
  return db
    .selectFrom('recovery_objects')
    .select(objectColumns)
    .where('recovery_id', 'in', recoveryIds)
    .orderBy('recovery_id')
    .orderBy('position')
    .execute();
}

export type NewObject = {
  readonly kind: ObjectRow['kind'];
  /** `made` unless told. */
  readonly role?: ObjectRow['role'];
  readonly takenFrom?: TakenFrom;
  readonly awsId?: string | null;
  readonly state?: ObjectRow['state'];
  readonly note: string;
};

/** Writes down what is going to be made, before it is; each gets a token of its own. */
export async function addObjects(
  tx: Kysely<Database>,
  recovery: Pick<RecoveryRow, 'id' | 'region'>,
  objects: readonly NewObject[],
  at: Instant,
): Promise<ObjectRow[]> {
  if (objects.length === 0) return [];
  const { length: first } = await findObjects(tx, [recovery.id]);
  return tx
    .insertInto('recovery_objects')
    .values(
      objects.map(({ kind, role = 'made', awsId = null, state = 'creating', note, takenFrom }, index) => ({
        id: randomUUID(),
        recovery_id: recovery.id,
        position: first + index,
        kind,
        role,
        ...(takenFrom === undefined ? {} : { taken_from: JSON.stringify(takenFrom) }),
        region: recovery.region,
        token: randomUUID(),
        aws_id: awsId,
        state,
        note,
        made_at: asTimestamp(at),
      })),
    )
    .returning(objectColumns)
    .execute();
}

/** Writes what became of an object. */
export async function changeObject(
  tx: Kysely<Database>,
  objectId: string,
  change: {
    readonly awsId?: string;
    readonly state?: ObjectRow['state'];
    readonly note?: string;
    readonly takenFrom?: TakenFrom | null;
  },
): Promise<void> {
  const { awsId, state, note, takenFrom } = change;
  await tx
    .updateTable('recovery_objects')
    .set({
      ...(awsId === undefined ? {} : { aws_id: awsId }),
      ...(state === undefined ? {} : { state }),
      ...(note === undefined ? {} : { note }),
      ...(takenFrom === undefined ? {} : { taken_from: takenFrom === null ? null : JSON.stringify(takenFrom) }),
    })
    .where('id', '=', objectId)
    .execute();
}
