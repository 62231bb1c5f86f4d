import type { FieldError } from '../errors.ts';
import type { SnapshotId } from '../ids.ts';
import type { Tag, VolumeType } from './instance-configuration.ts';

/** A snapshot that a volume can be made of, with what the backup recorded about the original volume. */
export type RecoverableVolume = {
  readonly snapshotId: SnapshotId;
  readonly awsSnapshotId: string;
  readonly isCompleted: boolean;
  /** The size of the snapshot: the least that a volume made of it can have. */
  readonly sizeGiB: number;
  readonly isRoot: boolean;
  readonly original: {
    readonly volumeId: string;
    readonly zone: string;
    readonly volumeType: VolumeType;
    readonly iops: number | null;
    readonly throughputMiBps: number | null;
    /** Null where it was attached to nothing. */
    readonly deviceName: string | null;
    readonly deleteOnTermination: boolean;
    readonly tags: readonly Tag[];
  };
};

/** A plan that can be carried out, with what the user should know; or every error at once, each with its field. */
export type Planned<Plan> =
  | { readonly ok: true; readonly plan: Plan; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly errors: readonly FieldError[] };
