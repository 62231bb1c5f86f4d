import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  EC2_PERMISSIONS,
  IAM_PERMISSIONS,
  KMS_METHOD_PERMISSIONS,
  RDS_PERMISSIONS,
  REDSHIFT_PERMISSIONS,
  SERVICE_QUOTAS_PERMISSIONS,
  SSM_PERMISSIONS,
  STS_PERMISSIONS,
} from '../port/permissions.ts';
import { createAwsGateway, type CallRecord } from '../sdk/index.ts';
import { realClock } from '../testing/scripted-aws.ts';
import { accessCases } from './access-cases.ts';
import type { BackEnd } from './back-end.ts';
import { commandCases } from './command-cases.ts';
import { databaseCases } from './database-cases.ts';
import { databaseSnapshotCases } from './database-snapshot-cases.ts';
import { faultCases } from './fault-cases.ts';
import { identityCases } from './identity-cases.ts';
import { instanceCases } from './instance-cases.ts';
import type { KnownDifference } from './known-differences.ts';
import { plantEstate } from './plant-estate.ts';
import { redshiftCases } from './redshift-cases.ts';
import { restoreCases } from './restore-cases.ts';
import { snapshotCases } from './snapshot-cases.ts';
import type { Case, Stage } from './stage.ts';
import { volumeCases } from './volume-cases.ts';

const METHODS = [
  EC2_PERMISSIONS,
  RDS_PERMISSIONS,
  REDSHIFT_PERMISSIONS,
  SSM_PERMISSIONS,
  KMS_METHOD_PERMISSIONS,
  SERVICE_QUOTAS_PERMISSIONS,
  IAM_PERMISSIONS,
];
const CASES: readonly Case[] = [
  ...identityCases,
  ...accessCases,
  ...instanceCases,
  ...snapshotCases,
  ...volumeCases,
  ...databaseCases,
  ...databaseSnapshotCases,
  ...redshiftCases,
  ...restoreCases,
  ...commandCases,
  ...faultCases,
];

/** Runs every case against a back end; those with a known difference must differ exactly as the list says. */
export function runContractSuite(
  start: () => Promise<BackEnd>,
  differences: Readonly<Record<string, KnownDifference>>,
): void {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setUp(await start());
  });
  afterAll(async () => {
    stage.gateway.close();
    await stage.backEnd.stop();
  });

  for (const { title, run } of CASES) {
    const shows = differences[title]?.shows;
    if (shows === 'notRun') continue;
    if (shows === undefined) test(title, () => expectToHold(run(stage)));
    else test(`differs: ${title}`, () => expectToDiffer(run(stage), shows));
  }

  test('every action that was called is among the permissions that CPM says it needs', () => {
    const named = new Set([...METHODS.flatMap((methods) => Object.values(methods)).flat(), ...STS_PERMISSIONS]);
    expect([...stage.called].filter((action) => !named.has(action))).toEqual([]);
    expect(stage.called.size).toBeGreaterThan(20);
  });
}

/** Each entry must be about a case: a renamed case would otherwise lose its entry unseen. */
export function expectDifferencesOfKnownCases(differences: Readonly<Record<string, KnownDifference>>): void {
  const titles = new Set(CASES.map(({ title }) => title));
  expect(titles.size).toBe(CASES.length);
  expect(Object.keys(differences).filter((title) => !titles.has(title))).toEqual([]);
}

async function setUp(backEnd: BackEnd): Promise<Stage> {
  const log = { info: () => {}, warn: () => {} };
  const called = new Set<string>();
  const onCall = ({ service, action }: CallRecord) => void called.add(`${service}:${action}`);
  const gateway = createAwsGateway({ clock: realClock, log, endpointUrl: backEnd.url, onCall });
  const access = { accountKey: 'owner', credentials: async () => backEnd.owner };
  const ec2 = gateway.ec2(access, backEnd.region);
  const rds = gateway.rds(access, backEnd.region);
  const redshift = gateway.redshift(access, backEnd.region);
  const ssm = gateway.ssm(access, backEnd.region);
  const estate = await plantEstate(ec2, backEnd);
  return { backEnd, gateway, ec2, rds, redshift, ssm, called, estate };
}

async function expectToHold(run: Promise<void>): Promise<void> {
  await run;
}

async function expectToDiffer(run: Promise<void>, { fails }: { readonly fails: RegExp }): Promise<void> {
  const failure: unknown = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(failure, 'this difference is gone: take it off the list').not.toBeNull();
  expect((failure as Error).message).toMatch(fails);
}
