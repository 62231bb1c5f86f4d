import type { ServiceQuota, ServiceQuotasPort } from '../port/service-quotas.ts';
import type { Caller } from './call.ts';
import type { JsonAnswer } from './json-client.ts';
import { numberIn, textIn } from './json-shapes.ts';
import { nullIfMissing, serviceCalls } from './service-calls.ts';
import type { Wiring } from './wiring.ts';

export function serviceQuotasPort({ edge, clients }: Wiring, caller: Caller): ServiceQuotasPort {
  const { read } = serviceCalls({ edge, caller, service: 'servicequotas', connect: clients.servicequotas });
  const ask = (action: string, ServiceCode: string, QuotaCode: string) =>
    nullIfMissing(
      read(action, (quotas) => quotas.send(action, { ServiceCode, QuotaCode })).then((answer) =>
        toQuota((answer['Quota'] ?? {}) as JsonAnswer),
      ),
    );
  return {
    region: caller.region,
    readQuota: async (serviceCode, quotaCode) =>
      (await ask('GetServiceQuota', serviceCode, quotaCode)) ??
      (await ask('GetAWSDefaultServiceQuota', serviceCode, quotaCode)),
  };
}

function toQuota(from: JsonAnswer): ServiceQuota | null {
  const value = numberIn(from, 'Value');
  return value === null ? null : { name: textIn(from, 'QuotaName'), value, unit: textIn(from, 'Unit') };
}
