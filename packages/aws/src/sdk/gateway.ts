import { cpmError, isRegionName, type CpmError } from '@cpm/core';
import { createPacer } from '../pacing.ts';
import type { AccountAccess, CallOptions } from '../port/access.ts';
import type { AwsGateway } from '../port/gateway.ts';
import type { Caller } from './call.ts';
import { createClients } from './clients.ts';
import { openConnections } from './connections.ts';
import { ec2Port } from './ec2.ts';
import { iamPort } from './iam.ts';
import { kmsPort } from './kms.ts';
import { rdsPort } from './rds.ts';
import { redshiftPort } from './redshift.ts';
import { serviceCalls } from './service-calls.ts';
import { serviceQuotasPort } from './service-quotas.ts';
import { DEFAULT_SETTINGS, type GatewayInput } from './settings.ts';
import { ssmPort } from './ssm.ts';
import { stsPort } from './sts.ts';
import type { Wiring } from './wiring.ts';

/** Any region of the commercial partition answers for the account's identity; this one cannot be switched off. */
const DEFAULT_STS_REGION = 'us-east-1';

/**
 * The door to AWS through the SDK: one pacer, one pool of connections, clients made when needed. Throws `bad_setting`
 * for an endpoint that is no plain http or https address.
 */
export function createAwsGateway(input: GatewayInput): AwsGateway {
  const settings = { ...DEFAULT_SETTINGS, ...input.settings };
  const { clock, log, random = Math.random, onCall = () => {} } = input;
  const endpointUrl = input.endpointUrl === undefined ? undefined : plainEndpoint(input.endpointUrl);
  const pacer = createPacer({ clock, settings: settings.pacing, random });
  const connections = openConnections(settings.connection);
  const clients = createClients({ connections, endpointUrl, maxClients: settings.maxClients });
  const edge = { clock, pacer, retry: settings.retry, log, random, onCall };
  const wiring: Wiring = { edge, clients, connections, endpointUrl };
  return {
    ec2: (access, region, options) => ec2Port(wiring, callerOf(access, region, options)),
    rds: (access, region, options) => rdsPort(wiring, callerOf(access, region, options)),
    redshift: (access, region, options) => redshiftPort(wiring, callerOf(access, region, options)),
    kms: (access, region, options) => kmsPort(wiring, callerOf(access, region, options)),
    serviceQuotas: (access, region, options) => serviceQuotasPort(wiring, callerOf(access, region, options)),
    iam: (access, region, options) => iamPort(wiring, callerOf(access, region, options)),
    ssm: (access, region, options) => ssmPort(wiring, callerOf(access, region, options)),
    sts: (access, region = DEFAULT_STS_REGION, options) => {
      const caller = callerOf(access, region, options);
      return stsPort(serviceCalls({ edge, caller, service: 'sts', connect: clients.sts }));
    },
    forget: clients.forget,
    close: () => {
      pacer.close();
      connections.close();
    },
  };
}

/** The region becomes part of a host name: nothing that could name another host may pass. */
function callerOf(access: AccountAccess, region: string, options: CallOptions = {}): Caller {
  if (isRegionName(region)) return { access, region, options };
  throw cpmError('invalid_request', { fields: [{ path: 'region', message: 'this is no name of an AWS region' }] });
}

function plainEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search + url.hash === '';
  if (!plain) throw badEndpoint('it is no address such as https://host:port');
  if (url.username !== '' || url.password !== '') throw badEndpoint('it may not hold a user name or a password');
  return url.origin;
}

function badEndpoint(why: string): CpmError {
  return cpmError('bad_setting', { params: { name: 'AWS_ENDPOINT_URL', why } });
}
