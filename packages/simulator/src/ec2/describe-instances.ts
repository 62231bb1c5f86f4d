import { instanceState, instanceStateSince, stateCodes } from '../state/lifecycle.ts';
import type { Instance } from '../state/records.ts';
import type { Call, Reply } from '../wire/call.ts';
import { describeThings } from './describe.ts';
import type { FilterTable } from './filters.ts';
import { instanceFilters } from './instance-filters.ts';
import { kinds, ownThings } from './kinds.ts';
import { showReservation, showState } from './show-instance.ts';

/** DescribeInstances: grouped by the launch they came from. */
export const describeInstances = (call: Call): Reply => {
  const { shown, nextToken } = describeThings(call, {
    things: ownThings(call, kinds.instance),
    kind: kinds.instance,
    idParameter: 'InstanceId',
    wireName: 'instancesSet',
    filters: instanceFilters,
  });
  const reservations = Map.groupBy(shown, (instance) => instance.reservationId);
  return { reservationSet: [...reservations.values()].map((instances) => showReservation(call, instances)), nextToken };
};

type Check = { readonly status: string; readonly reachability: string };

const checkOf = (call: Call, instance: Instance): Check => {
  if (instanceState(instance, call.now) !== 'running')
    return { status: 'not-applicable', reachability: 'insufficient-data' };
  const warm = call.now - instanceStateSince(instance, call.now) >= call.world.settings.timing.statusChecksMs;
  return warm ? { status: 'ok', reachability: 'passed' } : { status: 'initializing', reachability: 'initializing' };
};

const none = (): undefined => undefined;

const statusFilters: FilterTable<Instance> = {
  'availability-zone': (instance) => instance.zone,
  'availability-zone-id': (instance, call) => call.region.zones.find((zone) => zone.name === instance.zone)?.id,
  'event.code': none,
  'event.description': none,
  'event.instance-event-id': none,
  'event.not-after': none,
  'event.not-before': none,
  'event.not-before-deadline': none,
  'instance-state-code': (instance, call) => stateCodes[instanceState(instance, call.now)],
  'instance-state-name': (instance, call) => instanceState(instance, call.now),
  'instance-status.reachability': (instance, call) => checkOf(call, instance).reachability,
  'instance-status.status': (instance, call) => checkOf(call, instance).status,
  'operator.managed': () => false,
  'operator.principal': none,
  'system-status.reachability': (instance, call) => checkOf(call, instance).reachability,
  'system-status.status': (instance, call) => checkOf(call, instance).status,
  'attached-ebs-status.status': (instance, call) => checkOf(call, instance).status,
};

const showStatus = (call: Call, instance: Instance): Reply => {
  const { status, reachability } = checkOf(call, instance);
  const summary = {
    status,
    details: status === 'not-applicable' ? [] : [{ name: 'reachability', status: reachability }],
  };
  return {
    instanceId: instance.id,
    availabilityZone: instance.zone,
    eventsSet: [],
    instanceState: showState(instanceState(instance, call.now)),
    instanceStatus: summary,
    systemStatus: summary,
    attachedEbsStatus: summary,
  };
};

/** DescribeInstanceStatus: only running ones unless all are asked for. */
export const describeInstanceStatus = (call: Call): Reply => {
  const own = ownThings(call, kinds.instance);
  const all = call.params.flag('IncludeAllInstances') === true;
  const { shown, nextToken } = describeThings(call, {
    things: own.filter((instance) => all || instanceState(instance, call.now) === 'running'),
    kind: kinds.instance,
    idParameter: 'InstanceId',
    wireName: 'instancesSet',
    filters: statusFilters,
    silent: (id) => own.some((instance) => instance.id === id),
  });
  return { instanceStatusSet: shown.map((instance) => showStatus(call, instance)), nextToken };
};
