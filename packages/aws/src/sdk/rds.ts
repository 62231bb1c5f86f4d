import type { RdsPort } from '../port/rds.ts';
import type { Caller } from './call.ts';
import { rdsDatabases } from './rds-databases.ts';
import { rdsPlaces } from './rds-places.ts';
import { rdsRestores } from './rds-restores.ts';
import { rdsSnapshots } from './rds-snapshots.ts';
import { readiness } from './readiness.ts';
import { serviceCalls } from './service-calls.ts';
import type { Wiring } from './wiring.ts';

export function rdsPort(wiring: Wiring, caller: Caller): RdsPort {
  const access = { ...wiring, caller, service: 'rds' as const, connect: wiring.clients.rds };
  const calls = serviceCalls(access);
  const { reserve } = readiness(access);
  return {
    region: caller.region,
    ...rdsDatabases(calls),
    ...rdsPlaces(calls),
    ...rdsRestores(calls),
    ...rdsSnapshots(calls),
    reserve: (wanted) => reserve(wanted, (holder) => rdsPort(wiring, holder)),
  };
}
