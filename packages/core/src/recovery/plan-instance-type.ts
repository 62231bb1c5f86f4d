import type { FieldError } from '../errors.ts';
import type { InstanceRequest } from './instance-recovery.ts';
import type { SystemNeeds } from './instance-type-facts.ts';
import { typeObstacles } from './instance-type-facts.ts';

const INSTANCE_TYPE = /^[a-z][a-z0-9-]{0,19}\.[a-z0-9-]{1,20}$/;
const NOTHING = { errors: [], warnings: [] };

type Checked = { readonly errors: readonly FieldError[]; readonly warnings: readonly string[] };

/** The type that the new instance is to have. */
export const instanceTypeOf = ({ choice, configuration }: Pick<InstanceRequest, 'choice' | 'configuration'>): string =>
  choice.instanceType ?? configuration.instanceType;

/**
 * Whether the region knows the instance type, offers it in the zone (null: not known yet), and the system can start on it
 * (REC-4, REC-9).
 */
export function checkInstanceType(request: InstanceRequest, system: SystemNeeds, zone: string | null): Checked {
  const path = 'instanceType';
  const name = instanceTypeOf(request);
  if (!INSTANCE_TYPE.test(name))
    return { ...NOTHING, errors: [{ path, message: 'is no instance type such as m7i.large' }] };
  const { instanceType: facts, instanceTypeZones } = request.offer;
  if (facts === 'untold') {
    return { ...NOTHING, warnings: [`AWS did not tell about ${name}: whether it fits shows when it is launched`] };
  }
  if (facts === null) return { ...NOTHING, errors: [{ path, message: `there is no type ${name} in this region` }] };
  // It ran on that very type: whatever was told of its driver, it has one.
  const { configuration } = request;
  const ranOnIt = name === configuration.instanceType && !configuration.isEnaSupported;
  const needs = ranOnIt ? { ...system, isEnaSupported: true } : system;
  const errors = typeObstacles(facts, needs).map((reason) => ({ path, message: `${name} ${reason}` }));
  if (zone !== null && instanceTypeZones !== 'untold' && !instanceTypeZones.includes(zone)) {
    const zones = instanceTypeZones.length === 0 ? 'no zone' : instanceTypeZones.join(', ');
    errors.push({ path, message: `${name} is not offered in ${zone}; it is in ${zones}` });
  }
  return { errors, warnings: lostFeatures(request) };
}

/** What the original had switched on and the chosen type cannot have: it is left off. */
function lostFeatures({ configuration, offer: { instanceType: facts } }: InstanceRequest): string[] {
  if (facts === null || facts === 'untold' || facts.instanceType === configuration.instanceType) return [];
  const losses = [
    configuration.isHibernationConfigured ? 'hibernation' : '',
    configuration.isEnclaveEnabled ? 'enclaves' : '',
    configuration.cpuCredits === null || facts.isBurstable ? '' : 'CPU credits',
  ].filter(Boolean);
  return losses.length === 0 ? [] : [`on another type than the original's it comes without ${losses.join(', ')}`];
}
