import { withSourceTags } from '../backup/snapshot-tags.ts';
import type { FieldError } from '../errors.ts';
import type { SnapshotId } from '../ids.ts';
import { planAttachment, type AttachableInstance, type AttachBehavior, type Attachment } from './attach-volume.ts';
import type { Tag } from './instance-configuration.ts';
import { validateKmsKey } from './kms-key.ts';
import type { Planned, RecoverableVolume } from './recoverable-volume.ts';
import type { Replacement } from './switch-volume.ts';
import { shapeVolume } from './volume-rules.ts';
import type { VolumeShape, VolumeShapeChoice } from './volume-rules.ts';

/** What the user asks of one volume; what is absent is as the original. */
export type VolumeRecoveryChoice = VolumeShapeChoice & {
  readonly snapshotId: SnapshotId;
  readonly zone?: string | undefined;
  readonly preserveTags?: boolean | undefined;
  /** The instance to attach it to; absent: it stays unattached. */
  readonly attachTo?: string | undefined;
  readonly deviceName?: string | undefined;
  /** Encrypts it under this key; absent: as its snapshot is. */
  readonly kmsKeyId?: string | undefined;
};

export type VolumesRequest = {
  readonly volumes: readonly RecoverableVolume[];
  readonly choices: readonly VolumeRecoveryChoice[];
  /** Only to free devices unless told. */
  readonly attachBehavior?: AttachBehavior | undefined;
  /** The zones of the target region in which volumes can be made now. */
  readonly zones: readonly string[];
  readonly instances: readonly AttachableInstance[];
  /** CPM's own tags for what it makes; they come before the original's. */
  readonly ownTags: readonly Tag[];
};

/** CreateVolume, and AttachVolume behind it where `attach` says so. */
export type VolumePlan = VolumeShape & {
  readonly snapshotId: SnapshotId;
  readonly awsSnapshotId: string;
  readonly zone: string;
  readonly tags: readonly Tag[];
  readonly attach: Attachment['attach'];
  /** What is taken off that device first; null where it is free. */
  readonly replaces: Replacement | null;
  /** Null: encrypted as its snapshot is. */
  readonly kmsKeyId: string | null;
};

/** Plans the recovery of volumes (REC-7, REC-9): all logical errors at once, before anything is made. */
export function planVolumes(request: VolumesRequest): Planned<readonly VolumePlan[]> {
  if (request.choices.length === 0)
    return { ok: false, errors: [{ path: 'volumes', message: 'choose at least one volume' }] };
  const errors: FieldError[] = [];
  const warnings: string[] = [];
  const plans: VolumePlan[] = [];
  const chosen = new Set<SnapshotId>();
  const promised = new Map<string, string[]>();
  for (const [index, choice] of request.choices.entries()) {
    const at = (path: string, message: string): FieldError => ({ path: `volumes.${index}.${path}`, message });
    const volume = findVolume(request, choice.snapshotId, chosen);
    if (typeof volume === 'string') {
      errors.push(at('snapshotId', volume));
      continue;
    }
    const planned = planVolume(request, { choice, volume, promised });
    errors.push(...planned.errors.map(({ path, message }) => at(path, message)));
    warnings.push(...planned.warnings);
    plans.push(planned.plan);
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, plan: plans, warnings };
}

function findVolume(
  request: VolumesRequest,
  snapshotId: SnapshotId,
  chosen: Set<SnapshotId>,
): RecoverableVolume | string {
  const volume = request.volumes.find((candidate) => candidate.snapshotId === snapshotId);
  if (volume === undefined) return 'is no snapshot of this backup';
  if (!volume.isCompleted) return `the snapshot of ${volume.original.volumeId} did not complete`;
  if (chosen.has(snapshotId)) return 'is chosen twice';
  chosen.add(snapshotId);
  return volume;
}

type PlannedVolume = {
  readonly plan: VolumePlan;
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

function planVolume(
  request: VolumesRequest,
  asked: {
    readonly choice: VolumeRecoveryChoice;
    readonly volume: RecoverableVolume;
    readonly promised: Map<string, string[]>;
  },
): PlannedVolume {
  const { choice, volume, promised } = asked;
  const { original, snapshotId, awsSnapshotId } = volume;
  const zone = choice.zone ?? original.zone;
  const zoneErrors = request.zones.includes(zone)
    ? []
    : [{ path: 'zone', message: `${zone} is no zone of this region where volumes can be made` }];
  const {
    attach,
    replaces,
    isRoot,
    errors: attachErrors,
  } = planAttachment(
    {
      attachTo: choice.attachTo,
      deviceName: choice.deviceName,
      behavior: request.attachBehavior ?? 'only-if-free',
      zone,
      originalDevice: original.deviceName,
    },
    request.instances,
    promised,
  );
  // A volume that was a root becomes an ordinary one here, so any type may hold it, unless it becomes a root again.
  const { shape, errors } = shapeVolume(choice, { original, snapshotSizeGiB: volume.sizeGiB, isRoot });
  const wrongKey = choice.kmsKeyId === undefined ? null : validateKmsKey(choice.kmsKeyId);
  const keyErrors = wrongKey === null ? [] : [{ path: 'kmsKeyId', message: wrongKey }];
  const { tags, dropped } = withSourceTags(request.ownTags, choice.preserveTags === false ? [] : original.tags);
  return {
    plan: { ...shape, snapshotId, awsSnapshotId, zone, tags, attach, replaces, kmsKeyId: choice.kmsKeyId ?? null },
    errors: [...zoneErrors, ...errors, ...keyErrors, ...attachErrors],
    warnings: dropped.length === 0 ? [] : [`no room for the tags ${dropped.join(', ')} of ${original.volumeId}`],
  };
}
