import { startSimulator, type Estate, type Simulator, type SimulatorOptions } from '../index.ts';
import { boto3Driver, hasBoto3 } from './boto3-driver.ts';
import type { Driver, Shape, Target } from './driver.ts';
import { sdkDriver } from './sdk-driver.ts';

const administrator = ['arn:aws:iam::aws:policy/AdministratorAccess'];
const linux = 'al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64';

/** Two accounts, alpha and beta, with little in them. */
export const stageEstate: Estate = {
  name: 'stage',
  regions: ['us-east-1', 'eu-west-1'],
  optInRegions: ['me-south-1', 'ap-east-1'],
  accounts: [
    {
      id: '100000000001',
      alias: 'alpha',
      optedInRegions: ['ap-east-1'],
      accessKeys: [{ accessKeyId: 'AKIAALPHA0000000001', secretAccessKey: 'secret-of-alpha', user: 'admin' }],
      users: [{ name: 'admin', attachedPolicies: administrator }],
      regions: {
        'us-east-1': {
          keyPairs: ['ops'],
          kmsKeys: [
            { id: 'aaaaaaaa-0000-4000-a000-000000000001', aliases: ['shared'], allowedAccounts: ['100000000002'] },
            { id: 'aaaaaaaa-0000-4000-a000-000000000002', aliases: ['private'] },
            { id: 'aaaaaaaa-0000-4000-a000-000000000003', aliases: ['broken'], state: 'Disabled' },
          ],
          vpcs: [
            {
              name: 'main',
              cidr: '10.1.0.0/16',
              subnets: [
                { name: 'main-a', cidr: '10.1.1.0/24', zone: 'a' },
                { name: 'tiny-a', cidr: '10.1.2.0/28', zone: 'a' },
              ],
            },
          ],
          instances: [
            {
              id: 'i-0a00000000000000a',
              image: linux,
              type: 't3.micro',
              zone: 'a',
              managed: true,
              tags: { Name: 'web', Stage: 'production' },
              disks: [
                {
                  id: 'vol-0a00000000000000a',
                  device: '/dev/xvda',
                  sizeGiB: 8,
                  tags: { Name: 'root', Part: 'system' },
                },
                { id: 'vol-0a00000000000000b', device: '/dev/sdf', sizeGiB: 20, tags: { Name: 'data', Part: 'data' } },
              ],
            },
            {
              id: 'i-0a00000000000000b',
              image: linux,
              type: 't3.micro',
              zone: 'b',
              state: 'stopped',
              hibernation: true,
              managed: true,
              tags: { Name: 'rest' },
            },
          ],
          volumes: [
            { id: 'vol-0a00000000000000c', sizeGiB: 10, zone: 'a', tags: { Name: 'spare' } },
            { id: 'vol-0a00000000000000d', sizeGiB: 10, zone: 'b', encrypted: true, tags: { Name: 'sealed' } },
            {
              id: 'vol-0a00000000000000e',
              sizeGiB: 10,
              zone: 'a',
              encrypted: true,
              kmsKey: 'alias/shared',
              tags: { Name: 'sealed-shared' },
            },
            { id: 'vol-0a00000000000000f', sizeGiB: 10, zone: 'a', encrypted: true, kmsKey: 'alias/private' },
            { id: 'vol-0a000000000000010', sizeGiB: 125, zone: 'a', type: 'st1' },
          ],
        },
      },
    },
    {
      id: '100000000002',
      alias: 'beta',
      accessKeys: [{ accessKeyId: 'AKIABETA00000000001', secretAccessKey: 'secret-of-beta', user: 'admin' }],
      users: [{ name: 'admin', attachedPolicies: administrator }],
      regions: { 'eu-west-1': { kmsKeys: [{ id: 'bbbbbbbb-0000-4000-a000-000000000001', aliases: ['vault'] }] } },
    },
  ],
};

export const alpha = { accessKeyId: 'AKIAALPHA0000000001', secretAccessKey: 'secret-of-alpha' };
export const beta = { accessKeyId: 'AKIABETA00000000001', secretAccessKey: 'secret-of-beta' };
export const web = 'i-0a00000000000000a';
export const rest = 'i-0a00000000000000b';
export const root = 'vol-0a00000000000000a';
export const dataVolume = 'vol-0a00000000000000b';
export const spare = 'vol-0a00000000000000c';

type As = Partial<Omit<Target, 'url'>>;

/** A running simulator with a hand-moved clock and one client that talks to it. */
export type Stage = {
  readonly simulator: Simulator;
  readonly driver: Driver;
  /** An EC2 action as alpha in us-east-1 unless said otherwise. */
  readonly aws: (action: string, params?: object, as?: As) => Promise<Shape>;
  readonly advance: (seconds: number) => void;
  readonly control: (method: string, room: string, body?: object) => Promise<Shape>;
  /** Puts the estate back to its beginning; the clock goes on. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export const openStage = async (driver: Driver, options: SimulatorOptions = {}): Promise<Stage> => {
  const simulator = await startSimulator({
    estate: stageEstate,
    clock: 'manual',
    limits: { throttling: false },
    seed: 7,
    ...options,
  });
  return {
    simulator,
    driver,
    aws: (action, params = {}, as = {}) =>
      driver.call({ url: simulator.url, service: 'ec2', region: 'us-east-1', ...alpha, ...as }, action, params),
    advance: (seconds) => simulator.clock?.advance(seconds * 1000),
    control: async (method, room, body) => {
      const reply = await fetch(`${simulator.url}/_simulator/${room}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (await reply.json()) as Shape;
    },
    reset: async () => {
      await fetch(`${simulator.url}/_simulator/reset`, { method: 'POST' });
    },
    close: async () => {
      await driver.close();
      await simulator.stop();
    },
  };
};

/** Every client that this machine has, for running a suite with each. */
export const drivers: readonly (readonly [string, () => Driver])[] = [
  ['the SDK for JavaScript', sdkDriver],
  ...(hasBoto3() ? ([['boto3', boto3Driver]] as const) : []),
];
