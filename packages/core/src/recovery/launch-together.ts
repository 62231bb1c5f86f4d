import type { FieldError } from '../errors.ts';
import type { LaunchOffer, LaunchPlan } from './instance-recovery.ts';

/** A launch among several that are asked for at once; null where there is none: not planned, or an image alone. */
export type LaunchAmongOthers = Pick<LaunchPlan, 'count' | 'network'> | null;

/**
 * What is wrong with launches that are each right by themselves, paths beginning with `instances.N`: two that take one
 * address, and a subnet with fewer free addresses than all of them need together.
 */
export function checkTogether(
  launches: readonly LaunchAmongOthers[],
  { subnets }: Pick<LaunchOffer, 'subnets'>,
): FieldError[] {
  return [...findSharedAddresses(launches), ...findFullSubnets(launches, subnets)];
}

function findSharedAddresses(launches: readonly LaunchAmongOthers[]): FieldError[] {
  const firsts = new Map<string, number>();
  return launches.flatMap((launch, index) =>
    interfacesOf(launch).flatMap(({ subnetId, addresses }) =>
      addresses.flatMap((address): FieldError[] => {
        const key = `${subnetId} ${address}`;
        const first = firsts.get(key) ?? index;
        firsts.set(key, first);
        const message = `instances.${first} takes ${address} too; name another address, or any`;
        return first === index ? [] : [{ path: `instances.${index}.privateIp`, message }];
      }),
    ),
  );
}

/** Every interface of a launch: its subnet, the addresses that it asks for, and how many it takes. */
function interfacesOf(launch: LaunchAmongOthers) {
  if (launch === null) return [];
  return [launch.network, ...launch.network.furtherInterfaces].map(({ subnetId, privateIp, secondaryPrivateIps }) => ({
    subnetId,
    addresses: [...(privateIp === null ? [] : [privateIp]), ...secondaryPrivateIps],
    taken: 1 + secondaryPrivateIps.length,
  }));
}

function findFullSubnets(launches: readonly LaunchAmongOthers[], subnets: LaunchOffer['subnets']): FieldError[] {
  return subnets.flatMap(({ subnetId, freeAddresses }): FieldError[] => {
    const here = launches.flatMap((launch, index) => {
      const own = interfacesOf(launch).filter((each) => each.subnetId === subnetId);
      const taken = own.reduce((sum, each) => sum + each.taken, 0);
      return launch === null || own.length === 0 ? [] : [{ index, count: launch.count * taken }];
    });
    const wanted = here.reduce((sum, { count }) => sum + count, 0);
    if (here.length < 2 || wanted <= freeAddresses) return [];
    const message = `${subnetId} has ${freeAddresses} free addresses, and ${wanted} are needed together`;
    return here.map(({ index }) => ({ path: `instances.${index}.subnetId`, message }));
  });
}
