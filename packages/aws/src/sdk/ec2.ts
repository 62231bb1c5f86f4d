import type { Ec2Port } from '../port/ec2.ts';
import type { Caller } from './call.ts';
import { ec2DryRun } from './ec2-dry-run.ts';
import { ec2Images } from './ec2-images.ts';
import { ec2Instances } from './ec2-instances.ts';
import { ec2Launch } from './ec2-launch.ts';
import { ec2Places } from './ec2-places.ts';
import { ec2Snapshots } from './ec2-snapshots.ts';
import { ec2Volumes } from './ec2-volumes.ts';
import { readiness } from './readiness.ts';
import { serviceCalls } from './service-calls.ts';
import type { Wiring } from './wiring.ts';

export function ec2Port(wiring: Wiring, caller: Caller): Ec2Port {
  const access = { ...wiring, caller, service: 'ec2' as const, connect: wiring.clients.ec2 };
  const calls = serviceCalls(access);
  const { warm, reserve } = readiness(access);
  const images = ec2Images(calls);
  return {
    region: caller.region,
    ...ec2Instances(calls, images),
    ...ec2Snapshots(calls),
    ...ec2Volumes(calls),
    ...images,
    ...ec2Launch(calls),
    ...ec2Places(calls),
    ...ec2DryRun(calls),
    reserve: (wanted) => reserve(wanted, (holder) => ec2Port(wiring, holder)),
    warm,
  };
}
