import type { FieldError } from '../errors.ts';
import type { InstanceRequest, LaunchPlan } from './instance-recovery.ts';

const HOST_ID = /^h-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

export type PlannedPlacement = {
  readonly placement: LaunchPlan['placement'];
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
};

/** On which hardware of the zone the new instance is put: placement group, tenancy and dedicated host (REC-4). */
export function planPlacement(request: InstanceRequest, zone: string): PlannedPlacement {
  const { choice, configuration } = request;
  const original = configuration.placement;
  const tenancy = choice.tenancy ?? original.tenancy;
  const groupName = choice.placementGroup === undefined ? original.groupName : choice.placementGroup;
  // A dedicated host stands in one zone; elsewhere AWS picks one of the account's.
  const inherited = tenancy === 'host' && zone === original.zone ? original.hostId : null;
  const hostId = choice.hostId === undefined ? inherited : choice.hostId;
  const partitionNumber = groupName === original.groupName ? original.partitionNumber : null;
  const placement = { zone, groupName, partitionNumber, tenancy, hostId };
  const warnings =
    hostId === null && tenancy === 'host' && original.hostId !== null && choice.hostId === undefined
      ? [
          `the dedicated host ${original.hostId} stands in ${original.zone}; AWS picks another one of the account in ${zone}`,
        ]
      : [];
  const errors = [...checkGroup(request, placement), ...checkHost(request, placement)];
  return { placement, errors, warnings };
}

function checkGroup({ choice, offer }: InstanceRequest, { groupName, tenancy }: LaunchPlan['placement']): FieldError[] {
  const { placementGroups, instanceType: facts } = offer;
  if (groupName === null || placementGroups === 'untold') return [];
  const refuse = (message: string): FieldError[] => [{ path: 'placementGroup', message }];
  const group = placementGroups.find(({ name }) => name === groupName);
  if (group === undefined) {
    const advice = choice.placementGroup === undefined ? ', where the original was; choose another one or none' : '';
    return refuse(`there is no placement group "${groupName}" in this region${advice}`);
  }
  if (group.state !== 'available') return refuse(`the placement group "${groupName}" is ${group.state}`);
  // EC2 User Guide, "Placement group rules and limitations".
  if (tenancy === 'host') return refuse(`a dedicated host cannot be in the placement group "${groupName}"`);
  if (facts === null || facts === 'untold' || facts.placementStrategies.includes(group.strategy)) return [];
  return refuse(`"${groupName}" is a ${group.strategy} group, which takes no ${facts.instanceType}`);
}

function checkHost(
  { choice, offer }: InstanceRequest,
  { tenancy, hostId, zone }: LaunchPlan['placement'],
): FieldError[] {
  const { instanceType: facts, hosts } = offer;
  if (tenancy === 'host' && facts !== null && facts !== 'untold' && !facts.supportsDedicatedHosts)
    return [{ path: 'tenancy', message: `${facts.instanceType} does not run on a dedicated host` }];
  if (hostId === null) return [];
  const refuse = (message: string): FieldError[] => [{ path: 'hostId', message }];
  if (tenancy !== 'host') return refuse('goes only with the tenancy host');
  if (!HOST_ID.test(hostId)) return refuse('is no id of a dedicated host such as h-0123456789abcdef0');
  if (hosts === 'untold') return [];
  const host = hosts.find((each) => each.hostId === hostId);
  if (host === undefined) {
    const advice = choice.hostId === undefined ? ', where the original was; choose another one, or any' : '';
    return refuse(`there is no dedicated host ${hostId} in this region${advice}`);
  }
  if (host.state !== 'available') return refuse(`the dedicated host ${hostId} is ${host.state}`);
  return host.zone === zone ? [] : refuse(`the dedicated host ${hostId} stands in ${host.zone}, not in ${zone}`);
}
