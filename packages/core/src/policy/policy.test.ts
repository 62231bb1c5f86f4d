import { describe, expect, it } from 'vitest';
import { parsePolicyName, POLICY_DEFAULTS, validatePolicy, validatePolicyName } from './policy.ts';
import type { PolicyInput } from './policy.ts';
import { describeTarget, resourceIdOf, validateTargets } from './targets.ts';
import type { Target } from './targets.ts';

describe("a policy's name", () => {
  it.each(['a', '7', 'Daily', 'web.servers_1-2', 'no-backups', 'cpmdata2', 'No-Backup', 'x'.repeat(64)])(
    'may be %j',
    (name) => {
      expect(validatePolicyName(name)).toBeNull();
      expect(parsePolicyName(name)).toBe(name);
    },
  );

  it.each([
    '',
    '.hidden',
    '-rf',
    '_x',
    'a b',
    'a/b',
    '../x',
    'a\\b',
    'a;b',
    '$(id)',
    '`id`',
    'a\n',
    'a\u0000',
    'é',
    'a|b',
    "a'b",
    'x'.repeat(65),
    'no-backup',
    'cpmdata',
    'CPMdata',
    'CPMDATA',
  ])('may not be %j', (name) => {
    expect(validatePolicyName(name)).toEqual(expect.any(String));
    expect(parsePolicyName(name)).toBeNull();
  });
});

describe('a policy', () => {
  it('keeps 30 generations, removes no target and wants no issues where nothing is said', () => {
    expect(POLICY_DEFAULTS).toMatchObject({
      generations: 30,
      autoTargetRemoval: 'no',
      successRule: 'no-issues',
      enabled: true,
    });
    expect(validatePolicy({ name: 'daily' })).toEqual([]);
  });

  it.each<[Partial<PolicyInput>, string[]]>([
    [{ generations: 1 }, []],
    [{ generations: 0 }, ['generations']],
    [{ generations: -1 }, ['generations']],
    [{ generations: 1.5 }, ['generations']],
    [{ generations: Number.NaN }, ['generations']],
    [{ generations: 100_001 }, ['generations']],
    [{ autoTargetRemoval: 'yes-and-alert' }, []],
    [{ autoTargetRemoval: 'maybe' }, ['autoTargetRemoval']],
    [{ successRule: 'snapshots-succeed' }, []],
    [{ successRule: '' }, ['successRule']],
    [{ description: 'x'.repeat(1001) }, ['description']],
    [{ name: '../x', generations: 0 }, ['name', 'generations']],
  ])('%j is wrong in %j', (parts, paths) => {
    expect(validatePolicy({ name: 'daily', ...parts }).map(({ path }) => path)).toEqual(paths);
  });
});

describe('the targets of a policy', () => {
  const instance: Target = {
    kind: 'instance',
    region: 'eu-central-1',
    instanceId: 'i-00000001',
    volumes: { take: 'all' },
  };
  const volume: Target = { kind: 'volume', region: 'eu-central-1', volumeId: 'vol-00000001' };
  const some = (...volumeIds: string[]): Target => ({ ...instance, volumes: { take: 'some', volumeIds } });

  it('are added from any region, with all, some or none of their volumes', () => {
    const elsewhere: Target = { ...instance, region: 'us-east-1', volumes: { take: 'none' } };
    expect(validateTargets([some('vol-00000001', 'vol-00000002'), elsewhere, volume])).toEqual([]);
  });

  it('are read by the user with their kind, id and region', () => {
    expect(describeTarget(instance)).toBe('instance i-00000001 in eu-central-1');
    expect(resourceIdOf(volume)).toBe('vol-00000001');
  });

  it.each<[string, Target[], Target[], string[]]>([
    ['twice in one request', [instance, instance], [], ['targets.1']],
    ['that the policy has already', [volume], [volume], ['targets.0']],
    ['that the policy has with other volumes', [some('vol-00000001')], [instance], ['targets.0']],
    ['of no region', [{ ...volume, region: 'Frankfurt' }], [], ['targets.0.region']],
    [
      'with a wrong instance id',
      [{ kind: 'instance', region: 'eu-west-1', instanceId: 'vol-00000001', volumes: { take: 'all' } }],
      [],
      ['targets.0.instanceId'],
    ],
    ['with a wrong volume id', [{ ...volume, volumeId: '*' }], [], ['targets.0.volumeId']],
    ['with an empty choice of volumes', [some()], [], ['targets.0.volumes.volumeIds']],
    ['with a volume chosen twice', [some('vol-00000001', 'vol-00000001')], [], ['targets.0.volumes.volumeIds.1']],
    ['with a chosen volume that is none', [some('snap-00000001')], [], ['targets.0.volumes.volumeIds.0']],
  ])('are refused %s', (_, added, existing, paths) => {
    expect(validateTargets(added, existing).map(({ path }) => path)).toEqual(paths);
  });
});
