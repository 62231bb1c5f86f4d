import { attachmentState, liveAttachments, volumeState } from '../state/lifecycle.ts';
import type { Attachment, Volume } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { describeThings } from './describe.ts';
import { tagFilters, type FilterTable } from './filters.ts';
import { kinds, ownThings } from './kinds.ts';
import { showVolume } from './make-volume.ts';

const live = (volume: Volume, call: Call): readonly Attachment[] => liveAttachments(volume.attachments, call.now);
const zoneId = (volume: Volume, call: Call): string | undefined =>
  call.region.zones.find((zone) => zone.name === volume.zone)?.id;

const filters: FilterTable<Volume> = {
  ...tagFilters,
  'attachment.attach-time': (volume, call) => live(volume, call).map((one) => new Date(one.attachingAt)),
  'attachment.delete-on-termination': (volume, call) => live(volume, call).map((one) => one.deleteOnTermination),
  'attachment.device': (volume, call) => live(volume, call).map((one) => one.device),
  'attachment.instance-id': (volume, call) => live(volume, call).map((one) => one.instanceId),
  'attachment.status': (volume, call) => live(volume, call).map((one) => attachmentState(one, call.now)),
  'availability-zone': (volume) => volume.zone,
  'availability-zone-id': zoneId,
  'create-time': (volume) => new Date(volume.createdAt),
  encrypted: (volume) => volume.encrypted,
  'fast-restored': () => false,
  'multi-attach-enabled': (volume) => volume.shape.multiAttach,
  'operator.managed': () => false,
  'operator.principal': () => undefined,
  size: (volume) => volume.shape.sizeGiB,
  'snapshot-id': (volume) => volume.snapshotId,
  status: (volume, call) => volumeState(volume, call.now),
  'volume-id': (volume) => volume.id,
  'volume-type': (volume) => volume.shape.type,
};

const listed = (call: Call, table: FilterTable<Volume>) =>
  describeThings(call, {
    things: ownThings(call, kinds.volume),
    kind: kinds.volume,
    idParameter: 'VolumeId',
    wireName: 'volumeSet',
    filters: table,
  });

export const describeVolumes = (call: Call): Reply => {
  const { shown, nextToken } = listed(call, filters);
  return { volumeSet: shown.map((volume) => showVolume(call, volume)), nextToken };
};

const statusFilters: FilterTable<Volume> = {
  'action.code': () => undefined,
  'action.description': () => undefined,
  'action.event-id': () => undefined,
  'availability-zone': (volume) => volume.zone,
  'availability-zone-id': zoneId,
  'event.description': () => undefined,
  'event.event-id': () => undefined,
  'event.event-type': () => undefined,
  'event.not-after': () => undefined,
  'event.not-before': () => undefined,
  'volume-status.details-name': () => ['io-enabled', 'io-performance'],
  'volume-status.details-status': () => ['passed', 'not-applicable'],
  'volume-status.status': () => 'ok',
};

export const describeVolumeStatus = (call: Call): Reply => {
  const { shown, nextToken } = listed(call, statusFilters);
  const rows = shown.map((volume) => ({
    volumeId: volume.id,
    availabilityZone: volume.zone,
    volumeStatus: {
      status: 'ok',
      details: [
        { name: 'io-enabled', status: 'passed' },
        { name: 'io-performance', status: 'not-applicable' },
      ],
    },
    actionsSet: [],
    eventsSet: [],
  }));
  return { volumeStatusSet: rows, nextToken };
};
