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
  return launches.flatMap((launch, index): FieldError[] => {
    const address = launch?.network.privateIp ?? null;
    if (launch === null || address === null) return [];
    const key = `${launch.network.subnetId} ${address}`;
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, index);
      return [];
    }
    const message = `instances.${first} takes ${address} too; name another address, or any`;
    return [{ path: `instances.${index}.privateIp`, message }];
  });
}

function findFullSubnets(launches: readonly LaunchAmongOthers[], subnets: LaunchOffer['subnets']): FieldError[] {
  return subnets.flatMap(({ subnetId, freeAddresses }): FieldError[] => {
    const here = launches.flatMap((launch, index) =>
      launch?.network.subnetId === subnetId ? [{ index, count: launch.count }] : [],
    );
    const wanted = here.reduce((sum, { count }) => sum + count, 0);
    if (here.length < 2 || wanted <= freeAddresses) return [];
    const message = `${subnetId} has ${freeAddresses} free addresses for ${wanted} instances together`;
    return here.map(({ index }) => ({ path: `instances.${index}.subnetId`, message }));
  });
}
