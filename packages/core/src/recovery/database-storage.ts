import type { FieldError } from '../errors.ts';
import type { DatabaseConfiguration } from './database-configuration.ts';
import type { Chosen, StorageChoice } from './database-recovery.ts';

const STORAGE_TYPES = ['standard', 'gp2', 'gp3', 'io1', 'io2'];
const MOST_GIB = 65_536;

export type DatabaseStorage = {
  readonly storageType: string | null;
  readonly sizeGiB: number | null;
  readonly iops: number | null;
  readonly throughputMiBs: number | null;
};

type Recorded = Pick<DatabaseConfiguration, 'engine' | 'storageType' | 'sizeGiB' | 'iops' | 'throughputMiBs'>;

/** From so many GiB on gp3 is striped, and its speed can be set (RDS User Guide, "gp3 storage"). */
const stripedFrom = (engine: string): number =>
  engine.startsWith('sqlserver') ? 0 : engine.startsWith('oracle') ? 200 : 400;

/** Size, type and speed of a restored database: as recorded unless told, within what RDS has for the type. */
export function chooseStorage(
  choice: StorageChoice,
  recorded: Recorded,
  snapshotSizeGiB: number | null,
): Chosen<DatabaseStorage> {
  const storageType = choice.storageType ?? recorded.storageType;
  const sizeGiB = choice.sizeGiB ?? recorded.sizeGiB;
  const isSameType = storageType === recorded.storageType;
  const errors: FieldError[] = sizeErrors(sizeGiB, storageType, snapshotSizeGiB);
  if (storageType !== null && !STORAGE_TYPES.includes(storageType))
    errors.push({ path: 'storageType', message: `must be one of ${STORAGE_TYPES.join(', ')}` });
  const shape = { storageType, sizeGiB: sizeGiB ?? 0, engine: recorded.engine };
  errors.push(...speedErrors(choice, shape));
  if (storageType === 'io1' || storageType === 'io2') {
    const iops = choice.iops ?? (isSameType ? recorded.iops : null);
    errors.push(...provisionedErrors(iops, shape));
    return { value: { storageType, sizeGiB, iops, throughputMiBs: null }, errors };
  }
  // AWS refuses both for a gp3 that is too small to have them set, even at their usual values.
  const canSet = storageType === 'gp3' && shape.sizeGiB >= stripedFrom(recorded.engine);
  const kept = isSameType && canSet ? recorded : { iops: null, throughputMiBs: null };
  const iops = canSet ? (choice.iops ?? kept.iops) : null;
  const throughputMiBs = canSet ? (choice.throughputMiBps ?? kept.throughputMiBs) : null;
  return { value: { storageType, sizeGiB, iops, throughputMiBs }, errors };
}

type Shape = { readonly storageType: string | null; readonly sizeGiB: number; readonly engine: string };

function sizeErrors(sizeGiB: number | null, storageType: string | null, snapshotSizeGiB: number | null): FieldError[] {
  if (sizeGiB === null) return [];
  const refuse = (message: string) => [{ path: 'sizeGiB', message }];
  if (!Number.isInteger(sizeGiB)) return refuse('must be a whole number of GiB');
  if (snapshotSizeGiB !== null && sizeGiB < snapshotSizeGiB)
    return refuse(`must be at least ${snapshotSizeGiB}, the size of the snapshot`);
  if (sizeGiB > MOST_GIB) return refuse(`must be at most ${MOST_GIB}`);
  const isProvisioned = storageType === 'io1' || storageType === 'io2';
  return isProvisioned && sizeGiB < 100 ? refuse(`must be at least 100 for ${storageType}`) : [];
}

/** IOPS and throughput where the type has none, or none that can be set. */
function speedErrors({ iops, throughputMiBps }: StorageChoice, { storageType, sizeGiB, engine }: Shape): FieldError[] {
  const errors: FieldError[] = [];
  const isGp3 = storageType === 'gp3';
  const striped = stripedFrom(engine);
  const tooSmall = `cannot be set for gp3 below ${striped} GiB of ${engine}: it has 3000 IOPS and 125 MiB/s`;
  if (throughputMiBps !== undefined && !isGp3)
    errors.push({ path: 'throughputMiBps', message: `cannot be set for ${storageType}; only gp3 has it` });
  else if (throughputMiBps !== undefined && sizeGiB < striped)
    errors.push({ path: 'throughputMiBps', message: tooSmall });
  else if (
    throughputMiBps !== undefined &&
    !within(throughputMiBps, striped === 0 ? 125 : 500, striped === 0 ? 1000 : 4000)
  )
    errors.push({ path: 'throughputMiBps', message: `must be from ${striped === 0 ? '125 to 1000' : '500 to 4000'}` });
  if (iops === undefined || storageType === 'io1' || storageType === 'io2') return errors;
  if (!isGp3) errors.push({ path: 'iops', message: `cannot be set for ${storageType}; gp3, io1 and io2 have it` });
  else if (sizeGiB < striped) errors.push({ path: 'iops', message: tooSmall });
  else if (!within(iops, striped === 0 ? 3000 : 12_000, striped === 0 ? 16_000 : 64_000))
    errors.push({ path: 'iops', message: `must be from ${striped === 0 ? '3000 to 16000' : '12000 to 64000'}` });
  return errors;
}

/** RDS User Guide, "Provisioned IOPS storage". */
function provisionedErrors(iops: number | null, { storageType, sizeGiB, engine }: Shape): FieldError[] {
  const refuse = (message: string) => [{ path: 'iops', message }];
  if (iops === null) return refuse(`must be told for ${storageType}`);
  const most = engine.startsWith('sqlserver') ? 64_000 : 256_000;
  if (!within(iops, 1000, most)) return refuse(`must be from 1000 to ${most}`);
  const ratio = storageType === 'io2' ? 1000 : 50;
  const least = engine.startsWith('sqlserver') && storageType === 'io1' ? 1 : 0.5;
  const perGiB = iops / sizeGiB;
  return perGiB > ratio || perGiB < least
    ? refuse(
        `must be ${least} to ${ratio} for each GiB: ${Math.ceil(least * sizeGiB)} to ${ratio * sizeGiB} for ${sizeGiB} GiB`,
      )
    : [];
}

const within = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
