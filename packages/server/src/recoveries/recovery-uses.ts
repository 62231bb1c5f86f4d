import type { AwsMethod, DryRunCall } from '@cpm/aws/port';
import { validateKmsKey } from '@cpm/core';
import type { InstancePlan, InstanceRecoveryChoice, VolumePlan, VolumeRecoveryChoice } from '@cpm/core';
import type { SnapshotRow } from '../backups/snapshots.store.ts';
import { imageInput, tagsOf } from './launch-inputs.ts';

/** An encryption key, with the field that named it; `of` says whose it is where nobody named it, such as ` of snap-1`. */
export type UsedKey = { readonly keyId: string; readonly path: string; readonly of: string };

/** What the planned work uses of AWS, for the preflight; what a kind of recovery leaves out is not looked at. */
export type RecoveryUses = {
  /** The methods that its job calls. */
  readonly methods: readonly AwsMethod[];
  /** Calls of these that EC2 can be asked about in advance; whatever they prove is not simulated. */
  readonly dryRuns?: readonly DryRunCall[];
  /** Ids by IAM's type of resource (`subnet`, `db`), where known. */
  readonly resourceIds?: Readonly<Record<string, readonly string[]>>;
  readonly instanceProfileArn?: string | null;
  readonly keys?: readonly UsedKey[];
  /** EBS snapshots that are read: their keys are looked up. */
  readonly awsSnapshotIds?: readonly string[];
  readonly instances?: readonly { readonly instanceType: string; readonly count: number }[];
  readonly storage?: readonly { readonly volumeType: string; readonly sizeGiB: number }[];
  readonly databases?: number;
  readonly databaseClusters?: number;
  readonly databaseGiB?: number;
};

type WithKey = { readonly snapshotId: string; readonly kmsKeyId?: string | undefined };

/** What is no key at all is refused by its planner, and not asked of KMS as well. */
const askedKeys = (choices: readonly WithKey[]): UsedKey[] =>
  choices.flatMap(({ kmsKeyId }, index) =>
    kmsKeyId === undefined || validateKmsKey(kmsKeyId) !== null
      ? []
      : [{ keyId: kmsKeyId, path: `volumes.${index}.kmsKeyId`, of: '' }],
  );

const idsOf = (snapshots: readonly SnapshotRow[]): string[] =>
  snapshots.flatMap(({ service, awsSnapshotId }) =>
    service === 'ebs' && awsSnapshotId !== null ? [awsSnapshotId] : [],
  );

/** What a recovery of volumes uses; `plan` is null where it cannot be carried out. */
export function volumesUse(
  choices: readonly (VolumeRecoveryChoice & WithKey)[],
  snapshots: readonly SnapshotRow[],
  plan: readonly VolumePlan[] | null,
): RecoveryUses {
  const chosen = new Set(choices.map(({ snapshotId }) => snapshotId));
  const attaches = choices.some(({ attachTo }) => attachTo !== undefined);
  const switched = (plan ?? []).flatMap(({ attach, replaces }) =>
    attach === null || replaces === null ? [] : [{ attach, replaces }],
  );
  const deleted = switched.filter(({ replaces }) => replaces.isDeleted);
  const [first] = plan ?? [];
  return {
    methods: [
      'ec2.createVolume',
      'ec2.describeVolumes',
      ...(attaches ? (['ec2.attachVolume'] as const) : []),
      ...(switched.length > 0 ? (['ec2.detachVolume', 'ec2.modifyInstanceBlockDevice'] as const) : []),
      ...(deleted.length > 0 ? (['ec2.deleteVolume'] as const) : []),
    ],
    dryRuns: [
      ...(first === undefined ? [] : [{ method: 'createVolume', input: volumeInput(first) } as const]),
      ...switched.map(({ attach, replaces: { volumeId } }): DryRunCall => {
        return { method: 'detachVolume', input: { volumeId, instanceId: attach.instanceId } };
      }),
      ...deleted.map(({ replaces: { volumeId } }): DryRunCall => ({ method: 'deleteVolume', volumeId })),
    ],
    keys: askedKeys(choices),
    awsSnapshotIds: idsOf(snapshots.filter(({ id }) => chosen.has(id))),
    storage: (plan ?? []).map(({ volumeType, sizeGiB }) => ({ volumeType, sizeGiB })),
  };
}

const volumeInput = (plan: VolumePlan) => ({
  clientToken: '',
  zone: plan.zone,
  awsSnapshotId: plan.awsSnapshotId,
  sizeGiB: plan.sizeGiB,
  type: plan.volumeType,
  iops: plan.iops,
  throughputMiBs: plan.throughputMiBps,
  encrypted: plan.kmsKeyId === null ? null : true,
  kmsKeyId: plan.kmsKeyId,
  tags: tagsOf(plan.tags),
});

/** What the recovery of an instance uses; `plan` is null where it cannot be carried out. */
export function instanceUses(
  choice: InstanceRecoveryChoice,
  snapshots: readonly SnapshotRow[],
  plan: InstancePlan | null,
): RecoveryUses {
  const choices = choice.volumes ?? [];
  const leftOut = new Set(choices.flatMap(({ recover, snapshotId }) => (recover === false ? [snapshotId] : [])));
  const read = {
    keys: askedKeys(choices),
    awsSnapshotIds: idsOf(snapshots.filter(({ id }) => !leftOut.has(id))),
  };
  if (plan === null)
    return { ...read, methods: choice.imageHandling === 'create-only' ? IMAGE : [...IMAGE, ...LAUNCH] };
  const { launch, image, existing, imageHandling } = plan;
  const registers: readonly AwsMethod[] = image === null ? ['ec2.describeImages'] : IMAGE;
  const tidies: readonly AwsMethod[] = image !== null && imageHandling === 'deregister' ? ['ec2.deregisterImage'] : [];
  const dryRuns: readonly DryRunCall[] = image === null ? [] : [{ method: 'registerImage', input: imageInput(image) }];
  if (launch === null) return { ...read, dryRuns, methods: [...registers, ...tidies] };
  const swap = existing?.swap ?? null;
  const roots = [image?.rootVolume ?? existing?.root ?? null, swap?.rootVolume ?? null].filter((root) => root !== null);
  return {
    ...read,
    dryRuns,
    methods: [
      ...registers,
      ...LAUNCH,
      ...(launch.volumeTags.length > 0 ? (['ec2.createTags'] as const) : []),
      ...(launch.network.forwardingInterfaces.length > 0 ? (['ec2.setSourceDestCheck'] as const) : []),
      ...(swap === null ? [] : SWAP),
      ...tidies,
    ],
    resourceIds: {
      subnet: [launch.network.subnetId],
      'security-group': launch.network.securityGroupIds,
      'key-pair': launch.keyName === null ? [] : [launch.keyName],
      ...(existing === null ? {} : { image: [existing.imageId] }),
    },
    instanceProfileArn: launch.instanceProfileArn,
    // Instances on dedicated hosts count under the limit of the hosts.
    instances: launch.placement.tenancy === 'host' ? [] : [{ instanceType: launch.instanceType, count: launch.count }],
    storage: [...roots, ...launch.dataVolumes].map(({ volumeType, sizeGiB }) => ({
      volumeType,
      sizeGiB: sizeGiB * launch.count,
    })),
  };
}

const SWAP = [
  'ec2.createVolume',
  'ec2.stopInstances',
  'ec2.detachVolume',
  'ec2.attachVolume',
  'ec2.modifyInstanceBlockDevice',
  'ec2.modifyInstanceUserData',
  'ec2.startInstances',
  'ec2.deleteVolume',
] as const;
const IMAGE = ['ec2.registerImage', 'ec2.describeImages'] as const;
const LAUNCH = ['ec2.runInstances', 'ec2.describeInstances'] as const;
