import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Ec2Port } from '../port/ec2.ts';
import type { AwsError } from '../port/errors.ts';
import type { AwsGateway } from '../port/gateway.ts';
import type { RdsPort } from '../port/rds.ts';
import type { RedshiftPort } from '../port/redshift.ts';
import type { SsmPort } from '../port/ssm.ts';
import type { BackEnd } from './back-end.ts';

/** What the suite made for itself, through the port alone, so that it is the same everywhere. */
export type Estate = {
  readonly zone: string;
  readonly otherZone: string;
  readonly subnetId: string;
  readonly imageId: string;
  readonly imageSnapshotId: string;
  readonly instanceId: string;
  readonly rootVolumeId: string;
  /** Two, on /dev/sdf (10 GiB) and /dev/sdg (20 GiB), both tagged team=blue. */
  readonly dataVolumeIds: readonly string[];
};

/** What a case works with. The ports act as the owner in the working region. */
export type Stage = {
  readonly backEnd: BackEnd;
  readonly gateway: AwsGateway;
  readonly ec2: Ec2Port;
  readonly rds: RdsPort;
  readonly redshift: RedshiftPort;
  readonly ssm: SsmPort;
  readonly estate: Estate;
  /** Every action called so far, as IAM names it. */
  readonly called: ReadonlySet<string>;
};

export type Case = { readonly title: string; readonly run: (stage: Stage) => Promise<void> };

/** Asks again, letting time pass, until the answer is not null; fails when the back end's patience is over. */
export async function until<Value>(
  { settle, patienceMs }: Pick<BackEnd, 'settle' | 'patienceMs'>,
  what: string,
  ask: () => Promise<Value | null | undefined | false>,
): Promise<Value> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await settle(10);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

/** The error that a call ends in; fails when it does not. */
export async function refusalOf(call: Promise<unknown>): Promise<AwsError> {
  return call.then(
    () => expect.fail('should have been refused'),
    (thrown: unknown) => thrown as AwsError,
  );
}

/** A tag that only this case's things carry. */
export const uniqueTag = () => ({ key: 'cpm:attempt', value: randomUUID() });
