import { jsonClient } from './json-client.ts';

/** The services that CPM asks through `json-client.ts`, loaded when the first of their calls is made. */
export const jsonSdk = {
  kms: (config: Parameters<typeof jsonClient>[1]) => jsonClient({ name: 'kms', target: 'TrentService' }, config),
  servicequotas: (config: Parameters<typeof jsonClient>[1]) =>
    jsonClient({ name: 'servicequotas', target: 'ServiceQuotasV20190624' }, config),
};
