import type { Fault } from '../../flows/support/simulated-aws.ts';
import { KEYS } from './estate.ts';
import type { Town } from './town.ts';

/** Trouble in AWS: which calls it hits, and for how long. */
export type Trouble = { readonly name: string; readonly faults: readonly MatchedFault[]; readonly forMs: number };
type MatchedFault = Fault & { readonly match: Readonly<Record<string, string>> };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WRITES = ['Create*Snapshot*', 'Delete*Snapshot'] as const;
const RECOVERS = ['CreateVolume', 'RegisterImage', 'RunInstances', 'DeregisterImage'] as const;
const READS = ['Describe*', 'Describe*Snapshots', 'DescribeInstances', 'DescribeVolumes'] as const;

/**
 * Trouble of a kind chosen by chance. What it hits is told by action, region or resource and by a stretch of time, never by
 * the order in which calls happen to arrive: two calls of one moment come in any order.
 */
export function chooseTrouble(town: Town): Trouble {
  const { chance, assets } = town;
  const asset = assets.length === 0 ? null : chance.pick(assets);
  const region = asset?.region ?? 'us-east-1';
  const resource = asset?.id ?? '';
  const action = chance.happens(0.5) ? chance.pick(WRITES) : chance.pick(READS);
  const minutes = chance.between(1, 25);
  const all: readonly Trouble[] = [
    { name: 'throttled', faults: [{ kind: 'throttle', match: { action, region } }], forMs: minutes * MINUTE },
    { name: 'error 503', faults: [{ kind: 'error503', match: { action, region } }], forMs: minutes * MINUTE },
    { name: 'error 500', faults: [{ kind: 'error500', match: { action, region } }], forMs: minutes * MINUTE },
    {
      name: 'stale reads',
      faults: [{ kind: 'stale-read', match: { region }, staleMs: minutes * 10_000 }],
      forMs: 4 * minutes * MINUTE,
    },
    { name: 'region down', faults: [{ kind: 'region-down', match: { region } }], forMs: 8 * minutes * MINUTE },
    {
      name: 'answer lost',
      faults: [{ kind: 'execute-then-drop', match: { action: chance.pick(WRITES), resource } }],
      forMs: minutes * 10 * MINUTE,
    },
    {
      name: 'answers lost',
      faults: [{ kind: 'execute-then-drop', match: { action: chance.pick(WRITES), region } }],
      forMs: minutes * 5 * MINUTE,
    },
    {
      name: 'connection broken',
      faults: [{ kind: 'reset-before', match: { action: '*Snapshot*', region } }],
      forMs: minutes * MINUTE,
    },
    {
      name: 'snapshot ends in error',
      faults: [{ kind: 'error-state', match: { action: 'Create*Snapshot*', resource } }],
      forMs: 24 * HOUR,
    },
    {
      name: 'a recovery is denied',
      faults: [{ kind: 'deny', match: { action: chance.pick(RECOVERS) } }],
      forMs: chance.between(2, 40) * HOUR,
    },
    {
      name: 'answers of a recovery lost',
      faults: RECOVERS.map((recovers) => ({ kind: 'execute-then-drop', match: { action: recovers, region } })),
      forMs: minutes * 10 * MINUTE,
    },
    { name: 'credentials revoked', faults: [refused('AuthFailure', 401)], forMs: chance.between(1, 30) * HOUR },
    { name: 'session expired', faults: [refused('RequestExpired', 400)], forMs: minutes * MINUTE },
    {
      name: 'action denied',
      faults: [
        { kind: 'deny', match: { action: chance.pick([...WRITES, 'DescribeInstanceAttribute', 'DescribeInstances']) } },
      ],
      forMs: chance.between(2, 40) * HOUR,
    },
  ];
  const { name, faults, forMs } = chance.pick(all);
  // What people do in AWS meanwhile works: only CPM is in trouble.
  return {
    name,
    forMs,
    faults: faults.map((fault) => ({ ...fault, match: { ...fault.match, accessKey: KEYS.cpm.accessKeyId } })),
  };
}

const refused = (code: string, status: number): MatchedFault => ({
  kind: 'error',
  match: { accessKey: KEYS.cpm.accessKeyId },
  code,
  status,
  message: 'AWS was not able to validate the provided access credentials',
});
