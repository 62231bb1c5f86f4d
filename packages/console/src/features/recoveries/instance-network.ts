import type { RecoveryChoices } from '@cpm/contract';
import { readId } from './form-parts.ts';
import type { InstanceValues } from './instance-values.ts';

/** The subnets, as the list shows them. */
export function subnetOptions({ subnets }: Pick<RecoveryChoices, 'subnets'>): readonly string[] {
  return subnets.map(({ id, name, zone, cidr, freeAddresses }) =>
    [id, name, zone, cidr, `${freeAddresses} free`].filter(Boolean).join(' · '),
  );
}

type Placed = Pick<InstanceValues, 'placement' | 'subnetId' | 'zone'>;

/** The network that the instance will be in: that of the chosen subnet, or the recorded one; null where nobody can tell. */
export function chosenVpc(values: Placed, choices: RecoveryChoices, recordedVpc: string | null): string | null {
  if (values.placement === 'zone') {
    const zone = values.zone.trim();
    return choices.subnets.find((subnet) => subnet.isDefaultForZone && subnet.zone === zone)?.vpcId ?? null;
  }
  const isSubnetAsked = values.placement !== 'original' && values.subnetId.trim() !== '';
  if (!isSubnetAsked) return recordedVpc;
  return choices.subnets.find(({ id }) => id === readId(values.subnetId))?.vpcId ?? null;
}

/** The placement groups that something can be put into. */
export const placementGroupOptions = ({ placementGroups }: RecoveryChoices): readonly string[] =>
  placementGroups.filter(({ state }) => state === 'available').map(({ name }) => name);

/** The security groups of the network, as the list shows them; all of them while the network is not known. */
export function groupOptions({ securityGroups }: RecoveryChoices, vpcId: string | null): readonly string[] {
  return securityGroups
    .filter((group) => vpcId === null || group.vpcId === vpcId)
    .map(({ id, name }) => [id, name].filter(Boolean).join(' · '));
}

/** Of the groups that were picked those that can be had in the network; ids that were typed and are not known count too. */
export function groupsInVpc(picked: readonly string[], choices: RecoveryChoices, vpcId: string | null): string[] {
  return picked.filter((text) => {
    const known = choices.securityGroups.find(({ id }) => id === readId(text));
    return known === undefined || vpcId === null || known.vpcId === vpcId;
  });
}

/** The picks after a change of those that are shown: what another network keeps stays. */
export function changeGroups(picked: readonly string[], shown: readonly string[], next: readonly string[]): string[] {
  return [...picked.filter((one) => !shown.includes(one)), ...next];
}
