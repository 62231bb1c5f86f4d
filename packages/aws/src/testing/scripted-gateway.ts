import { afterEach } from 'vitest';
import type { AwsGateway } from '../port/gateway.ts';
import { createAwsGateway, type CallRecord, type GatewayInput } from '../sdk/index.ts';
import { realClock, scriptedAws, type Asked, type Reply } from './scripted-aws.ts';

export const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' };

type Cleanup = () => Promise<void> | void;
const cleanups: Cleanup[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Done when the test has ended, however it ended. */
export function cleanUpAfterwards(...done: readonly Cleanup[]): void {
  cleanups.push(...done);
}

/** A gateway that is closed after the test. */
export function open(input: Partial<GatewayInput>): AwsGateway {
  const log = { info: () => {}, warn: () => {} };
  const gateway = createAwsGateway({ clock: realClock, log, random: () => 0, ...input });
  cleanUpAfterwards(gateway.close);
  return gateway;
}

/** A gateway to an endpoint that answers from a script, and a port of each service for one account and region. */
export async function withScript(script: (asked: Asked, count: number) => Reply, input: Partial<GatewayInput> = {}) {
  const aws = await scriptedAws(script);
  cleanUpAfterwards(aws.stop);
  const records: CallRecord[] = [];
  const gateway = open({ endpointUrl: aws.url, onCall: (record) => records.push(record), ...input });
  const access = { accountKey: 'shop', credentials: async () => KEYS };
  const region = 'eu-central-1';
  return {
    aws,
    gateway,
    access,
    records,
    ec2: gateway.ec2(access, region),
    rds: gateway.rds(access, region),
    redshift: gateway.redshift(access, region),
    ssm: gateway.ssm(access, region),
  };
}
