import type { BackedUpResource, InstancesRecoveryInput } from '@cpm/contract';
import { credentialsInput, type CredentialsValues } from './credentials-values.ts';
import type { Place } from './place-search.ts';

export type InstancesValues = { readonly isAnyAddress: boolean; readonly credentials: CredentialsValues };

/** The request for several instances, each as it was. */
export function instancesInput(
  { isAnyAddress, credentials }: InstancesValues,
  { resources, place }: { readonly resources: readonly BackedUpResource[]; readonly place: Place | null },
): InstancesRecoveryInput {
  return {
    ...(place === null ? {} : { place }),
    instances: resources.map(({ id }) => ({ resourceId: id, ...(isAnyAddress ? { privateIp: null } : {}) })),
    ...credentialsInput(credentials),
  };
}
