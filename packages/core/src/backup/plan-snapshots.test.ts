import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstanceTarget, Target } from '../policy/targets.ts';
import type { InventoryInstance, InventoryVolume } from './inventory.ts';
import { MOST_EXCLUDED_VOLUMES, plannedVolumesOf, planSnapshots } from './plan-snapshots.ts';
import type { SnapshotPlan } from './plan-snapshots.ts';

const REGION = 'eu-central-1';
const ROOT = '/dev/xvda';

function volumeId(n: number): string {
  return `vol-${String(n).padStart(8, '0')}`;
}

/** An instance whose first volume is the root. */
function buildInstance(volumes: readonly number[], parts: Partial<InventoryInstance> = {}): InventoryInstance {
  const attached = volumes.map((n, index) => ({
    volumeId: volumeId(n),
    deviceName: index === 0 ? ROOT : `/dev/sd${String.fromCodePoint(101 + index)}`,
    sizeGiB: 8,
    tags: [],
  }));
  return {
    region: REGION,
    instanceId: 'i-00000001',
    state: 'running',
    isHibernated: false,
    rootDeviceName: ROOT,
    rootDeviceType: 'ebs',
    volumes: attached,
    tags: [],
    ...parts,
  };
}

function buildVolume(n: number, parts: Partial<InventoryVolume> = {}): InventoryVolume {
  return { region: REGION, volumeId: volumeId(n), state: 'in-use', sizeGiB: 8, tags: [], ...parts };
}

function instanceTarget(
  volumes: InstanceTarget['volumes'] = { take: 'all' },
  instanceId = 'i-00000001',
): InstanceTarget {
  return { kind: 'instance', region: REGION, instanceId, volumes };
}

function some(...numbers: number[]): InstanceTarget['volumes'] {
  return { take: 'some', volumeIds: numbers.map(volumeId) };
}

function volumeTarget(n: number): Target {
  return { kind: 'volume', region: REGION, volumeId: volumeId(n) };
}

function takenIds(plan: SnapshotPlan): string[] {
  return plan.calls.flatMap((call) => plannedVolumesOf(call).map(({ volumeId }) => volumeId));
}

function plan(
  targets: readonly Target[],
  instances: readonly InventoryInstance[],
  volumes: readonly InventoryVolume[] = [],
): SnapshotPlan {
  return planSnapshots(targets, { instances, volumes });
}

describe('the snapshot calls for an instance', () => {
  it('are one CreateSnapshots for all its volumes', () => {
    const { calls, notes } = plan([instanceTarget()], [buildInstance([1, 2, 3])]);
    expect(calls).toEqual([
      expect.objectContaining({
        kind: 'create-snapshots',
        instanceId: 'i-00000001',
        excludeRoot: false,
        excludeDataVolumeIds: [],
      }),
    ]);
    expect(calls.flatMap(plannedVolumesOf)).toMatchObject([
      { volumeId: volumeId(1), isRoot: true, isIndependent: false, deviceName: ROOT },
      { volumeId: volumeId(2), isRoot: false },
      { volumeId: volumeId(3), isRoot: false },
    ]);
    expect(notes).toEqual([]);
  });

  it.each([
    ['the root is excluded by its flag, never by its id', some(2, 3), { excludeRoot: true, excludeDataVolumeIds: [] }],
    [
      'data volumes are excluded by id',
      some(1),
      { excludeRoot: false, excludeDataVolumeIds: [volumeId(2), volumeId(3)] },
    ],
    ['both', some(3), { excludeRoot: true, excludeDataVolumeIds: [volumeId(2)] }],
    ['all of them by name is all of them', some(3, 1, 2), { excludeRoot: false, excludeDataVolumeIds: [] }],
  ])('leave out what was not chosen: %s', (_, chosen, expected) => {
    expect(plan([instanceTarget(chosen)], [buildInstance([1, 2, 3])]).calls).toMatchObject([
      { kind: 'create-snapshots', ...expected },
    ]);
  });

  it('leave out a volume attached after the choice was made', () => {
    const { calls } = plan([instanceTarget(some(1, 2))], [buildInstance([1, 2, 99])]);
    expect(calls).toMatchObject([{ excludeDataVolumeIds: [volumeId(99)] }]);
  });

  it('go on with the others when a chosen volume is no longer attached, and that part is missing', () => {
    const { calls, missingParts } = plan([instanceTarget(some(1, 7))], [buildInstance([1, 2])]);
    expect(calls).toMatchObject([{ kind: 'create-snapshots', excludeDataVolumeIds: [volumeId(2)] }]);
    expect(missingParts).toMatchObject([
      { volumeId: volumeId(7), reason: `${volumeId(7)} is no longer attached to i-00000001` },
    ]);
  });

  it('are none when no chosen volume is attached any more', () => {
    const { calls, missingParts } = plan([instanceTarget(some(7))], [buildInstance([1])]);
    expect(calls).toEqual([]);
    expect(missingParts).toHaveLength(1);
  });

  it('are none for an instance of which only the configuration was asked for', () => {
    const target = instanceTarget({ take: 'none' });
    expect(plan([target], [buildInstance([1, 2])])).toMatchObject({
      calls: [],
      configurationOnly: [target],
      missingParts: [],
    });
  });

  it.each([
    ['stopped', 'stopped'],
    ['running', 'running'],
    ['stopping', 'stopping'],
  ])('are made as usual while it is %s', (_, state) => {
    expect(plan([instanceTarget()], [buildInstance([1], { state })]).calls).toHaveLength(1);
  });

  it('are one per volume, and the log says so, when more than 40 volumes would have to be left out', () => {
    const many = Array.from({ length: MOST_EXCLUDED_VOLUMES + 2 }, (_, n) => n + 1);
    const fits = plan([instanceTarget(some(1, 2))], [buildInstance(many)]);
    expect(fits.calls).toHaveLength(1);
    const { calls, notes } = plan([instanceTarget(some(1))], [buildInstance(many)]);
    expect(calls).toMatchObject([
      { kind: 'create-snapshot', volume: { volumeId: volumeId(1), instanceId: 'i-00000001', isRoot: true } },
    ]);
    expect(notes).toEqual([expect.stringContaining('41 of its volumes')]);
  });

  it('are one per volume for a hibernated instance', () => {
    const { calls, notes } = plan([instanceTarget()], [buildInstance([1, 2], { isHibernated: true })]);
    expect(calls.map(({ kind }) => kind)).toEqual(['create-snapshot', 'create-snapshot']);
    expect(notes).toEqual([expect.stringContaining('hibernated')]);
  });

  it('are one per volume when something is left out and nobody knows the root', () => {
    const instance = buildInstance([1, 2], { rootDeviceName: null });
    expect(plan([instanceTarget(some(2))], [instance]).calls).toMatchObject([{ kind: 'create-snapshot' }]);
    expect(plan([instanceTarget()], [instance]).calls).toMatchObject([
      { kind: 'create-snapshots', excludeRoot: false },
    ]);
  });

  it.each([
    ['has no EBS volume', 'ebs', 'i-00000001 has no EBS volume to snapshot'],
    [
      'has its root on instance store',
      'instance-store',
      'i-00000001 has no EBS volume to snapshot (its root is on instance store): take none of its volumes, and its configuration is backed up, with which it comes back from its image',
    ],
  ] as const)('are none, with the reason, when it %s', (_, rootDeviceType, reason) => {
    const { calls, missingParts } = plan([instanceTarget()], [buildInstance([], { rootDeviceType })]);
    expect(calls).toEqual([]);
    expect(missingParts).toMatchObject([{ volumeId: null, reason }]);
  });

  it('take the data volumes of an instance-store instance without excluding any root', () => {
    const instance = {
      ...buildInstance([1, 2]),
      rootDeviceName: '/dev/sda1',
      rootDeviceType: 'instance-store' as const,
    };
    expect(plan([instanceTarget(some(1))], [instance]).calls).toMatchObject([
      { excludeRoot: false, excludeDataVolumeIds: [volumeId(2)] },
    ]);
  });

  it('say that no snapshot holds a root on instance store, and are no failure for it', () => {
    const { missingParts, warnings } = plan(
      [instanceTarget()],
      [buildInstance([2], { rootDeviceType: 'instance-store' })],
    );
    expect(missingParts).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/^i-00000001: its root is on instance store, of which there are no/),
    ]);
    expect(plan([instanceTarget()], [buildInstance([1, 2])]).warnings).toEqual([]);
  });
});

describe('independent volumes', () => {
  it('get one CreateSnapshot each', () => {
    const { calls } = plan(
      [volumeTarget(1), volumeTarget(2)],
      [],
      [buildVolume(1), buildVolume(2, { state: 'available' })],
    );
    expect(calls).toMatchObject([
      {
        kind: 'create-snapshot',
        region: REGION,
        volume: { volumeId: volumeId(1), instanceId: null, isRoot: false, isIndependent: true },
      },
      { kind: 'create-snapshot', volume: { volumeId: volumeId(2) } },
    ]);
  });

  it('that also belong to an instance target are taken once, with the instance, whatever the order', () => {
    const targets = [volumeTarget(2), instanceTarget()];
    const { calls, notes } = plan(targets, [buildInstance([1, 2])], [buildVolume(2)]);
    expect(calls).toHaveLength(1);
    expect(calls.flatMap(plannedVolumesOf).map(({ isIndependent }) => isIndependent)).toEqual([false, true]);
    expect(notes).toEqual([`${volumeId(2)} is snapshotted once, with i-00000001`]);
  });

  it('that an instance target leaves out are taken on their own', () => {
    const { calls } = plan([instanceTarget(some(1)), volumeTarget(2)], [buildInstance([1, 2])], [buildVolume(2)]);
    expect(calls.map(({ kind }) => kind)).toEqual(['create-snapshots', 'create-snapshot']);
  });

  it('that are named twice are taken once', () => {
    const { calls, notes } = plan([volumeTarget(1), volumeTarget(1)], [], [buildVolume(1)]);
    expect(calls).toHaveLength(1);
    expect(notes).toEqual([`${volumeId(1)} is snapshotted once, with its own call`]);
  });

  it.each(['error', 'creating'])('in state %s fail their part', (state) => {
    expect(plan([volumeTarget(1)], [], [buildVolume(1, { state })])).toMatchObject({
      calls: [],
      missingTargets: [],
      missingParts: [{ volumeId: volumeId(1) }],
    });
  });
});

describe('a volume attached to two instances', () => {
  it('is taken with the first and left out of the second', () => {
    const other = buildInstance([4, 2], { instanceId: 'i-00000002' });
    const targets = [instanceTarget(), instanceTarget({ take: 'all' }, 'i-00000002')];
    const { calls, notes } = plan(targets, [buildInstance([1, 2]), other]);
    expect(calls).toMatchObject([
      { excludeDataVolumeIds: [] },
      { instanceId: 'i-00000002', excludeDataVolumeIds: [volumeId(2)] },
    ]);
    expect(notes).toEqual([`${volumeId(2)} of i-00000002 is snapshotted once, with another target`]);
  });

  it('leaves no call for an instance that has nothing else', () => {
    const other = buildInstance([2], { instanceId: 'i-00000002' });
    const targets = [instanceTarget(), instanceTarget({ take: 'all' }, 'i-00000002')];
    expect(plan(targets, [buildInstance([1, 2]), other]).calls).toHaveLength(1);
  });
});

describe('targets that are gone', () => {
  it.each([
    ['an instance that does not exist', instanceTarget(), [], [], 'instance i-00000001 in eu-central-1 does not exist'],
    [
      'a terminated instance',
      instanceTarget(),
      [buildInstance([], { state: 'terminated' })],
      [],
      'instance i-00000001 in eu-central-1 is terminated',
    ],
    [
      'an instance of which only the configuration was asked for',
      instanceTarget({ take: 'none' }),
      [],
      [],
      'instance i-00000001 in eu-central-1 does not exist',
    ],
    ['a volume that does not exist', volumeTarget(1), [], [], 'volume vol-00000001 in eu-central-1 does not exist'],
    [
      'a volume being deleted',
      volumeTarget(1),
      [],
      [buildVolume(1, { state: 'deleting' })],
      'volume vol-00000001 in eu-central-1 is deleting',
    ],
    [
      'an instance of the same id in another region',
      instanceTarget(),
      [buildInstance([1], { region: 'us-east-1' })],
      [],
      'instance i-00000001 in eu-central-1 does not exist',
    ],
  ] as const)('are reported with the reason: %s', (_, target, instances, volumes, reason) => {
    expect(plan([target], instances, volumes)).toMatchObject({
      calls: [],
      configurationOnly: [],
      missingTargets: [{ target, reason }],
    });
  });
});

describe('any plan', () => {
  it('takes exactly the chosen attached volumes, each once, and excludes the rest of the instance', () => {
    const cases = fc.record({
      attached: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 50 }),
      chosen: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1 })),
      independent: fc.uniqueArray(fc.integer({ min: 1, max: 80 })),
      isHibernated: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ attached, chosen, independent, isHibernated }) => {
        const target = instanceTarget(chosen === null ? { take: 'all' } : some(...chosen));
        const made = plan(
          [target, ...independent.map(volumeTarget)],
          [buildInstance(attached, { isHibernated })],
          independent.map((n) => buildVolume(n)),
        );
        const wanted = new Set([...attached.filter((n) => chosen === null || chosen.includes(n)), ...independent]);
        expect(takenIds(made).toSorted()).toEqual([...wanted].map(volumeId).toSorted());
        for (const call of made.calls) {
          if (call.kind !== 'create-snapshots') continue;
          const excluded = [...call.excludeDataVolumeIds, ...(call.excludeRoot ? [volumeId(attached[0] ?? 0)] : [])];
          const covered = [...call.volumes.map((volume) => volume.volumeId), ...excluded];
          expect(covered.toSorted()).toEqual(attached.map(volumeId).toSorted());
          expect(call.excludeDataVolumeIds).not.toContain(volumeId(attached[0] ?? 0));
          expect(call.excludeDataVolumeIds.length).toBeLessThanOrEqual(MOST_EXCLUDED_VOLUMES);
        }
      }),
      { numRuns: 200 },
    );
  });
});
