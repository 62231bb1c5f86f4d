import {
  imageIdOf,
  noSnapshot,
  planInstance,
  sortErrors,
  summarizeChecks,
  type FieldError,
  type InstanceRecoveryChoice,
  type PreflightCheckName,
} from '@cpm/core';
import { userDataBinding } from '../backups/record-configurations.ts';
import type { ResourceRow, SnapshotRow } from '../backups/snapshots.store.ts';
import { launchOffer, launchSurroundings, type LaunchSurroundings } from './launch-surroundings.ts';
import { plannedObjects, stepsOf } from './instance-steps.ts';
import type { Asked, PlannedRecovery } from './planned-recovery.ts';
import { lostError, recoverable, recoveryTags } from './recoverable-volumes.ts';
import { instanceUses } from './recovery-uses.ts';

const HEADINGS: readonly PreflightCheckName[] = [
  'snapshots',
  'place',
  'network',
  'image',
  'launch',
  'volumes',
  'devices',
];

const sourceNameOf = ({ resourceName, resourceId }: ResourceRow): string =>
  resourceName === '' ? resourceId : `${resourceName} (${resourceId})`;

/** Plans a new instance against what the region has now (REC-3, REC-4, REC-9). */
export async function planInstanceRecovery(
  asked: Asked,
  resource: ResourceRow,
  choice: InstanceRecoveryChoice,
  shared?: LaunchSurroundings,
): Promise<PlannedRecovery> {
  const { access, context, recoveryId } = asked;
  const base = {
    kind: 'instance',
    sourceName: sourceNameOf(resource),
    steps: stepsOf(null),
    objects: [],
    warnings: [],
  } as const;
  if (resource.configuration === null) {
    const fails = [{ path: '', message: 'its configuration was not recorded' }];
    return { ...base, plan: null, checks: summarizeChecks([{ name: 'snapshots', fails }]) };
  }
  const snapshots = asked.snapshots.filter(({ resourceId }) => resourceId === resource.id);
  const surroundings = shared ?? launchSurroundings(access.ec2, snapshots);
  const userDataBase64 =
    resource.sealedUserData === null
      ? null
      : context.secrets.open(resource.sealedUserData, userDataBinding(resource.id));
  const configuration = { ...resource.configuration, userDataBase64 };
  const [offer, lost, image] = await Promise.all([
    launchOffer(surroundings, configuration, choice),
    surroundings.lost(),
    surroundings.image(imageIdOf({ choice, configuration })),
  ]);
  const planned = planInstance({
    configuration,
    volumes: snapshots.map((snapshot) => recoverable(snapshot, asked)),
    choice,
    offer,
    image,
    imageName: `cpm-recovery-${recoveryId}`,
    ownTags: recoveryTags(context, recoveryId),
  });
  const errors = [
    ...nothingToBringBack(resource, snapshots, choice),
    ...(planned.ok ? [] : planned.errors),
    ...snapshots.flatMap(({ id }) => lostError(lost, id, 'volumes')),
  ];
  const plan = planned.ok && errors.length === 0 ? planned.plan : null;
  return {
    ...base,
    plan,
    checks: summarizeChecks(sortErrors(errors, HEADINGS, headingOf)),
    warnings: planned.ok ? planned.warnings : [],
    objects: plan === null ? [] : plannedObjects(plan),
    steps: stepsOf(plan),
    uses: instanceUses(choice, snapshots, plan),
  };
}

/** Only who asks for an image alone gets an instance without anything that was on the original. */
function nothingToBringBack(
  { state, message }: ResourceRow,
  snapshots: readonly SnapshotRow[],
  { launchFrom }: InstanceRecoveryChoice,
): FieldError[] {
  if (state === 'configuration-only' || launchFrom === 'image') return [];
  const copies = snapshots.map((snapshot) => ({ isCompleted: snapshot.state === 'completed' }));
  const obstacle = noSnapshot({ snapshots: copies, message });
  return obstacle === null ? [] : [{ path: '', message: `${obstacle}; ${FROM_IMAGE_ALONE}` }];
}

const FROM_IMAGE_ALONE = 'with image as the source of the launch it comes back without anything that was on it';

const NETWORK_FIELDS = new Set(['subnetId', 'privateIp', 'associatePublicIp', 'securityGroupIds']);
const PLACE_FIELDS = new Set(['zone', 'placementGroup', 'tenancy', 'hostId']);

function headingOf(path: string): PreflightCheckName {
  const [first = '', ...rest] = path.split('.');
  if (first === 'volumes') {
    const field = rest.at(-1);
    if (field === 'deviceName') return 'devices';
    return rest.length === 0 || field === 'snapshotId' || field === 'recover' ? 'snapshots' : 'volumes';
  }
  if (NETWORK_FIELDS.has(first)) return 'network';
  if (PLACE_FIELDS.has(first)) return 'place';
  return first.startsWith('image') ? 'image' : first === '' ? 'snapshots' : 'launch';
}
