import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, type Shape } from '../testing/driver.ts';
import { beta, dataVolume, drivers, openStage, rest, root, spare, web, type Stage } from '../testing/stage.ts';

describe.each(drivers)('Snapshots, asked for with %s', (_name, makeDriver) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(makeDriver());
  });
  beforeEach(() => stage.reset());
  afterAll(() => stage.close());

  const snapshotOf = async (volumeId: string, more: object = {}): Promise<string> => {
    const made = await stage.aws('CreateSnapshot', { VolumeId: volumeId, ...more });
    return made['SnapshotId'] as string;
  };
  const completedOf = async (volumeId: string, more: object = {}): Promise<string> => {
    const id = await snapshotOf(volumeId, more);
    stage.advance(60);
    return id;
  };
  const describeOne = async (id: string, as = {}): Promise<Shape> => {
    const { Snapshots } = (await stage.aws('DescribeSnapshots', { SnapshotIds: [id] }, as)) as unknown as {
      Snapshots: Shape[];
    };
    return Snapshots[0] as Shape;
  };
  const share = (id: string, user = '100000000002') =>
    stage.aws('ModifySnapshotAttribute', { SnapshotId: id, CreateVolumePermission: { Add: [{ UserId: user }] } });

  it('a snapshot is pending at first and shows its volume, size and tags', async () => {
    const made = await stage.aws('CreateSnapshot', {
      VolumeId: root,
      Description: 'nightly',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'op', Value: '1' }] }],
    });
    expect(made).toMatchObject({
      State: 'pending',
      VolumeId: root,
      VolumeSize: 8,
      OwnerId: '100000000001',
      Encrypted: false,
      Description: 'nightly',
      Tags: [{ Key: 'op', Value: '1' }],
    });
  });
  it('progress grows with the clock and the snapshot completes', async () => {
    const id = await snapshotOf(spare);
    stage.advance(3);
    expect(await describeOne(id)).toMatchObject({ State: 'pending', Progress: '50%' });
    stage.advance(3);
    expect(await describeOne(id)).toMatchObject({ State: 'completed', Progress: '100%' });
  });
  it('an instance is covered as a whole, one snapshot per volume', async () => {
    const { Snapshots } = (await stage.aws('CreateSnapshots', {
      InstanceSpecification: { InstanceId: web },
    })) as unknown as { Snapshots: Shape[] };
    expect(Snapshots.map((one) => [one['VolumeId'], one['State']])).toEqual([
      [root, 'pending'],
      [dataVolume, 'pending'],
    ]);
  });
  it('the root can be left out of an instance snapshot', async () => {
    const made = await stage.aws('CreateSnapshots', {
      InstanceSpecification: { InstanceId: web, ExcludeBootVolume: true },
    });
    expect(made['Snapshots']).toMatchObject([{ VolumeId: dataVolume }]);
  });
  it('a data volume can be left out by its id', async () => {
    const made = await stage.aws('CreateSnapshots', {
      InstanceSpecification: { InstanceId: web, ExcludeDataVolumeIds: [dataVolume] },
    });
    expect(made['Snapshots']).toMatchObject([{ VolumeId: root }]);
  });
  it('the tags of each volume are copied where asked for, beside those of the request', async () => {
    const made = await stage.aws('CreateSnapshots', {
      InstanceSpecification: { InstanceId: web },
      CopyTagsFromSource: 'volume',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'op', Value: '9' }] }],
    });
    expect(made['Snapshots']).toMatchObject([
      {
        Tags: [
          { Key: 'Name', Value: 'root' },
          { Key: 'Part', Value: 'system' },
          { Key: 'op', Value: '9' },
        ],
      },
      {
        Tags: [
          { Key: 'Name', Value: 'data' },
          { Key: 'Part', Value: 'data' },
          { Key: 'op', Value: '9' },
        ],
      },
    ]);
  });
  it('when one member of a set fails, all do, with a reason', async () => {
    await stage.control('POST', 'faults', { kind: 'error-state', action: 'CreateSnapshots', message: 'disk trouble' });
    await stage.aws('CreateSnapshots', { InstanceSpecification: { InstanceId: web } });
    stage.advance(60);
    const { Snapshots } = (await stage.aws('DescribeSnapshots', { OwnerIds: ['self'] })) as unknown as {
      Snapshots: Shape[];
    };
    expect(Snapshots.map((one) => [one['State'], one['StateMessage']])).toEqual([
      ['error', 'disk trouble'],
      ['error', 'disk trouble'],
    ]);
  });

  it.each([
    ['a volume that does not exist', 'CreateSnapshot', { VolumeId: 'vol-0123456789abcdef0' }, 'InvalidVolume.NotFound'],
    [
      'a volume id of the wrong kind',
      'CreateSnapshot',
      { VolumeId: 'snap-0123456789abcdef0' },
      'InvalidParameterValue',
    ],
    ['a volume id with strange letters', 'CreateSnapshot', { VolumeId: 'vol-xyz' }, 'InvalidParameterValue'],
    ['a volume id of the wrong length', 'CreateSnapshot', { VolumeId: 'vol-0123' }, 'InvalidVolumeID.Malformed'],
    [
      'an instance that does not exist',
      'CreateSnapshots',
      { InstanceSpecification: { InstanceId: 'i-0123456789abcdef0' } },
      'InvalidInstanceID.NotFound',
    ],
    [
      'a malformed instance id',
      'CreateSnapshots',
      { InstanceSpecification: { InstanceId: 'i-zzz' } },
      'InvalidInstanceID.Malformed',
    ],
    [
      'naming the root as a data volume',
      'CreateSnapshots',
      { InstanceSpecification: { InstanceId: web, ExcludeDataVolumeIds: [root] } },
      'InvalidParameterCombination',
    ],
    [
      'leaving out a volume of another instance',
      'CreateSnapshots',
      { InstanceSpecification: { InstanceId: web, ExcludeDataVolumeIds: [spare] } },
      'InvalidParameterValue',
    ],
    [
      'leaving out everything',
      'CreateSnapshots',
      { InstanceSpecification: { InstanceId: web, ExcludeBootVolume: true, ExcludeDataVolumeIds: [dataVolume] } },
      'InvalidParameterValue',
    ],
    [
      'copying tags from something else',
      'CreateSnapshots',
      { InstanceSpecification: { InstanceId: web }, CopyTagsFromSource: 'instance' },
      'InvalidParameterValue',
    ],
    [
      'tags for another kind of resource',
      'CreateSnapshot',
      { VolumeId: root, TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'a', Value: 'b' }] }] },
      'InvalidParameterValue',
    ],
    [
      'a reserved tag key',
      'CreateSnapshot',
      { VolumeId: root, TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'aws:x', Value: 'b' }] }] },
      'InvalidParameterValue',
    ],
    [
      'too many tags',
      'CreateSnapshot',
      {
        VolumeId: root,
        TagSpecifications: [
          { ResourceType: 'snapshot', Tags: Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: '' })) },
        ],
      },
      'TagLimitExceeded',
    ],
    ['a dry run by somebody who may', 'CreateSnapshot', { VolumeId: root, DryRun: true }, 'DryRunOperation'],
    [
      'deleting what does not exist',
      'DeleteSnapshot',
      { SnapshotId: 'snap-0123456789abcdef0' },
      'InvalidSnapshot.NotFound',
    ],
    ['deleting a malformed id', 'DeleteSnapshot', { SnapshotId: 'snap-xyz' }, 'InvalidSnapshotID.Malformed'],
    ['deleting what is no snapshot id', 'DeleteSnapshot', { SnapshotId: 'nonsense' }, 'InvalidParameterValue'],
    [
      'listing an unknown id',
      'DescribeSnapshots',
      { SnapshotIds: ['snap-0123456789abcdef0'] },
      'InvalidSnapshot.NotFound',
    ],
    ['listing a malformed id', 'DescribeSnapshots', { SnapshotIds: ['snap-bogus'] }, 'InvalidSnapshotID.Malformed'],
    ['an owner that is no account', 'DescribeSnapshots', { OwnerIds: ['bogus'] }, 'InvalidUserID.Malformed'],
    [
      'an unknown filter',
      'DescribeSnapshots',
      { Filters: [{ Name: 'colour', Values: ['red'] }] },
      'InvalidParameterValue',
    ],
    ['a page that is too small', 'DescribeSnapshots', { MaxResults: 4 }, 'InvalidParameterValue'],
    ['a page that is too large', 'DescribeSnapshots', { MaxResults: 1001 }, 'InvalidParameterValue'],
    [
      'a page of named ids',
      'DescribeSnapshots',
      { MaxResults: 5, SnapshotIds: ['snap-0123456789abcdef0'] },
      'InvalidParameterCombination',
    ],
    ['a token that was never given', 'DescribeSnapshots', { NextToken: 'bm9uc2Vuc2U' }, 'InvalidNextToken'],
  ])('%s is refused', async (_what, action, params, code) => {
    expect(await codeOf(stage.aws(action, params))).toBe(code);
  });

  it('a hibernated instance cannot be covered, a stopped one can', async () => {
    expect(await codeOf(stage.aws('CreateSnapshots', { InstanceSpecification: { InstanceId: rest } }))).toBe(
      'accepted',
    );
    await stage.aws('StartInstances', { InstanceIds: [rest] });
    stage.advance(10);
    await stage.aws('StopInstances', { InstanceIds: [rest], Hibernate: true });
    stage.advance(10);
    expect(await codeOf(stage.aws('CreateSnapshots', { InstanceSpecification: { InstanceId: rest } }))).toBe(
      'IncorrectInstanceState',
    );
  });
  it('a terminated instance cannot be covered', async () => {
    await stage.aws('TerminateInstances', { InstanceIds: [web] });
    stage.advance(10);
    expect(await codeOf(stage.aws('CreateSnapshots', { InstanceSpecification: { InstanceId: web } }))).toBe(
      'IncorrectInstanceState',
    );
  });
  it('a sixth pending snapshot of one volume is refused', async () => {
    for (let at = 0; at < 5; at += 1) await snapshotOf(spare);
    expect(await codeOf(snapshotOf(spare))).toBe('ConcurrentSnapshotLimitExceeded');
  });
  it('a cold volume has only one pending snapshot', async () => {
    await snapshotOf('vol-0a000000000000010');
    expect(await codeOf(snapshotOf('vol-0a000000000000010'))).toBe('ConcurrentSnapshotLimitExceeded');
  });
  it('snapshots of one volume in too quick a row are refused for 15 seconds', async () => {
    for (let at = 0; at < 5; at += 1) await snapshotOf(spare);
    stage.advance(10);
    expect(await codeOf(snapshotOf(spare))).toBe('SnapshotCreationPerVolumeRateExceeded');
    stage.advance(10);
    expect(await codeOf(snapshotOf(spare))).toBe('accepted');
  });
  it('an account has so many pending snapshots and no more', async () => {
    await stage.control('POST', 'settings', { limits: { pendingSnapshotsPerAccount: 2 } });
    await snapshotOf(spare);
    expect(await codeOf(stage.aws('CreateSnapshots', { InstanceSpecification: { InstanceId: web } }))).toBe(
      'PendingSnapshotLimitExceeded',
    );
  });
  it('a region holds so many snapshots of an account and no more', async () => {
    await stage.control('POST', 'settings', { limits: { snapshotsPerRegion: 1 } });
    await snapshotOf(spare);
    expect(await codeOf(snapshotOf(root))).toBe('SnapshotLimitExceeded');
  });

  it('a deleted snapshot is gone, and gone again', async () => {
    const id = await completedOf(spare);
    await stage.aws('DeleteSnapshot', { SnapshotId: id });
    expect(await codeOf(stage.aws('DeleteSnapshot', { SnapshotId: id }))).toBe('InvalidSnapshot.NotFound');
    expect(await codeOf(describeOne(id))).toBe('InvalidSnapshot.NotFound');
  });
  it('a listing comes in pages that add up to the whole', async () => {
    for (const volume of [root, dataVolume, spare]) for (let at = 0; at < 4; at += 1) await snapshotOf(volume);
    const first = await stage.aws('DescribeSnapshots', { OwnerIds: ['self'], MaxResults: 5 });
    const second = await stage.aws('DescribeSnapshots', {
      OwnerIds: ['self'],
      MaxResults: 5,
      NextToken: first['NextToken'],
    });
    const third = await stage.aws('DescribeSnapshots', {
      OwnerIds: ['self'],
      MaxResults: 5,
      NextToken: second['NextToken'],
    });
    const ids = [first, second, third].flatMap((one) =>
      (one['Snapshots'] as unknown as Shape[]).map((snapshot) => snapshot['SnapshotId']),
    );
    expect(new Set(ids).size).toBe(12);
    expect(third['NextToken'] ?? undefined).toBeUndefined();
  });
  it.each([
    ['an exact name', [{ Name: 'tag:Name', Values: ['night'] }], 1],
    ['a pattern with a star', [{ Name: 'tag:Name', Values: ['n*'] }], 1],
    ['a pattern with a question mark', [{ Name: 'tag:Name', Values: ['nigh?'] }], 1],
    ['one of several values', [{ Name: 'tag:Name', Values: ['day', 'night'] }], 2],
    ['a tag key', [{ Name: 'tag-key', Values: ['Name'] }], 2],
    ['a tag value in other letters', [{ Name: 'tag:Name', Values: ['Night'] }], 0],
    [
      'all of several filters',
      [
        { Name: 'tag:Name', Values: ['*'] },
        { Name: 'volume-id', Values: [root] },
      ],
      1,
    ],
    ['a status', [{ Name: 'status', Values: ['pending'] }], 2],
    ['a description', [{ Name: 'description', Values: ['*'] }], 2],
    ['a volume size', [{ Name: 'volume-size', Values: ['8'] }], 1],
  ])('a listing can be narrowed by %s', async (_what, filters, count) => {
    const tagged = (value: string) => ({
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'Name', Value: value }] }],
    });
    await snapshotOf(root, tagged('night'));
    await snapshotOf(spare, tagged('day'));
    const found = await stage.aws('DescribeSnapshots', { OwnerIds: ['self'], Filters: filters });
    expect(found['Snapshots']).toHaveLength(count);
  });
  it('too many filter values are refused', async () => {
    const filters = [{ Name: 'volume-id', Values: Array.from({ length: 201 }, (_, at) => `vol-${at}`) }];
    expect(await codeOf(stage.aws('DescribeSnapshots', { Filters: filters }))).toBe('FilterLimitExceeded');
  });

  it('a shared snapshot is seen by the other account, without its tags', async () => {
    const id = await completedOf(spare, {
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'secret', Value: 'x' }] }],
    });
    expect((await stage.aws('DescribeSnapshots', { SnapshotIds: [id] }, beta))['Snapshots']).toHaveLength(0);
    await share(id);
    const seen = await describeOne(id, beta);
    expect([seen['SnapshotId'], (seen['Tags'] as unknown as Shape[] | undefined)?.length ?? 0]).toEqual([id, 0]);
    expect(
      (await stage.aws('DescribeSnapshots', { RestorableByUserIds: ['self'], OwnerIds: ['100000000001'] }, beta))[
        'Snapshots'
      ],
    ).toHaveLength(1);
    expect(
      (await stage.aws('DescribeSnapshotAttribute', { SnapshotId: id, Attribute: 'createVolumePermission' }))[
        'CreateVolumePermissions'
      ],
    ).toEqual([{ UserId: '100000000002' }]);
  });
  it('sharing ends by removing the account and by resetting', async () => {
    const id = await completedOf(spare);
    await share(id);
    await stage.aws('ModifySnapshotAttribute', {
      SnapshotId: id,
      Attribute: 'createVolumePermission',
      OperationType: 'remove',
      UserIds: ['100000000002'],
    });
    expect((await stage.aws('DescribeSnapshots', { SnapshotIds: [id] }, beta))['Snapshots']).toHaveLength(0);
    await share(id);
    await stage.aws('ResetSnapshotAttribute', { SnapshotId: id, Attribute: 'createVolumePermission' });
    expect((await stage.aws('DescribeSnapshots', { SnapshotIds: [id] }, beta))['Snapshots']).toHaveLength(0);
  });
  it.each([
    [
      'adding and removing in one call',
      { CreateVolumePermission: { Add: [{ UserId: '100000000002' }], Remove: [{ UserId: '100000000003' }] } },
      'InvalidParameterCombination',
    ],
    [
      'an account id that is none',
      { CreateVolumePermission: { Add: [{ UserId: 'beta' }] } },
      'InvalidUserID.Malformed',
    ],
    ['no change at all', {}, 'InvalidParameterCombination'],
  ])('sharing with %s is refused', async (_what, change, code) => {
    const id = await completedOf(spare);
    expect(await codeOf(stage.aws('ModifySnapshotAttribute', { SnapshotId: id, ...change }))).toBe(code);
  });
  it('a snapshot under the default key cannot be shared, one under an own key can but never with all', async () => {
    expect(await codeOf(share(await completedOf('vol-0a00000000000000d')))).toBe('OperationNotPermitted');
    const own = await completedOf('vol-0a00000000000000e');
    expect(await codeOf(share(own))).toBe('accepted');
    expect(
      await codeOf(
        stage.aws('ModifySnapshotAttribute', { SnapshotId: own, CreateVolumePermission: { Add: [{ Group: 'all' }] } }),
      ),
    ).toBe('OperationNotPermitted');
  });
  it('only the owner may share or delete a shared snapshot', async () => {
    const id = await completedOf(spare);
    await share(id);
    expect(await codeOf(stage.aws('DeleteSnapshot', { SnapshotId: id }, beta))).toBe('UnauthorizedOperation');
    expect(
      await codeOf(
        stage.aws(
          'ModifySnapshotAttribute',
          { SnapshotId: id, CreateVolumePermission: { Add: [{ UserId: '100000000003' }] } },
          beta,
        ),
      ),
    ).toBe('UnauthorizedOperation');
  });

  const copyTo = (id: string, as: object, more: object = {}) =>
    stage.aws(
      'CopySnapshot',
      { SourceRegion: 'us-east-1', SourceSnapshotId: id, ...more },
      { region: 'eu-west-1', ...as },
    );
  it('a copy to another region has a new id, no tags of the source and a volume id that means nothing', async () => {
    const id = await completedOf(spare, {
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    const copy = await copyTo(
      id,
      {},
      { TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'copy', Value: 'yes' }] }] },
    );
    expect(copy['SnapshotId']).not.toBe(id);
    stage.advance(60);
    const seen = await describeOne(copy['SnapshotId'] as string, { region: 'eu-west-1' });
    expect(seen).toMatchObject({ State: 'completed', Tags: [{ Key: 'copy', Value: 'yes' }] });
    expect(seen['VolumeId']).not.toBe(spare);
  });
  it('another account copies what is shared with it and owns the copy', async () => {
    const id = await completedOf(spare);
    expect(await codeOf(copyTo(id, beta))).toBe('InvalidSnapshot.NotFound');
    await share(id);
    const copy = await copyTo(id, beta);
    expect(await describeOne(copy['SnapshotId'] as string, { ...beta, region: 'eu-west-1' })).toMatchObject({
      OwnerId: '100000000002',
      State: 'pending',
    });
  });
  it.each([
    ['an unknown source', { SourceSnapshotId: 'snap-0123456789abcdef0' }, 'InvalidSnapshot.NotFound'],
    [
      'an unknown source region',
      { SourceRegion: 'mars-north-1', PresignedUrl: 'https://example.invalid/' },
      'InvalidParameterValue',
    ],
    ['a key without encryption', { KmsKeyId: 'alias/aws/ebs' }, 'InvalidParameterDependency'],
    ['encryption switched off', { Encrypted: false }, 'InvalidParameterValue'],
    ['a duration that is no quarter of an hour', { CompletionDurationMinutes: 20 }, 'InvalidParameterValue'],
  ])('a copy with %s is refused', async (_what, change, code) => {
    const id = await completedOf(spare);
    expect(await codeOf(copyTo(id, {}, change))).toBe(code);
  });
  it('a pending snapshot cannot be copied', async () => {
    expect(await codeOf(copyTo(await snapshotOf(spare), {}))).toBe('IncorrectState');
  });
  it('a twenty-first copy at once is refused with the limit in the message', async () => {
    const id = await completedOf(spare);
    for (let at = 0; at < 20; at += 1) await copyTo(id, {});
    await expect(copyTo(id, {})).rejects.toThrow(/ResourceLimitExceeded.*The limit is 20 for this destination region/);
    stage.advance(60);
    expect(await codeOf(copyTo(id, {}))).toBe('accepted');
  });
  it.each([
    ['an unknown key', { Encrypted: true, KmsKeyId: 'alias/nowhere' }],
    ['a key the source account keeps to itself', {}],
  ])('a copy with %s is accepted and fails later', async (what, change) => {
    const id = await completedOf(what === 'an unknown key' ? spare : 'vol-0a00000000000000f');
    await share(id);
    const copy = await copyTo(id, beta, change);
    stage.advance(60);
    expect(await describeOne(copy['SnapshotId'] as string, { ...beta, region: 'eu-west-1' })).toMatchObject({
      State: 'error',
      StateMessage: 'Given key ID is not accessible',
    });
  });
  it('an encrypted snapshot under a shared key is copied under a key of the other account', async () => {
    const id = await completedOf('vol-0a00000000000000e');
    await share(id);
    const copy = await copyTo(id, beta, { Encrypted: true, KmsKeyId: 'alias/vault' });
    stage.advance(60);
    const seen = await describeOne(copy['SnapshotId'] as string, { ...beta, region: 'eu-west-1' });
    expect(seen).toMatchObject({ State: 'completed', Encrypted: true });
    expect(seen['KmsKeyId']).toContain('bbbbbbbb');
  });
});
