import { describe, expect, test } from 'vitest';
import type { AwsCredentials } from '../port/access.ts';
import { ec2Error, ec2Result, scriptedAws, type Reply } from '../testing/scripted-aws.ts';
import { cleanUpAfterwards, KEYS, open, withScript } from '../testing/scripted-gateway.ts';

const SNAPSHOTS_INPUT = {
  instanceId: 'i-0123456789abcdef0',
  excludeRoot: false,
  excludeVolumeIds: [],
  description: 'nightly',
  tags: { 'cpm:attempt': 'a-1' },
  copySourceTags: false,
};

const withTimeout = (requestTimeoutMs: number) => ({
  settings: { connection: { connectTimeoutMs: 500, requestTimeoutMs, maxSockets: 64, idleMs: 5_000 } },
});

describe('a create without a token', () => {
  test('is sent once when the answer is lost, and says that the outcome is unknown', async () => {
    const { aws, ec2 } = await withScript(() => 'hang up');
    await expect(ec2.createSnapshots(SNAPSHOTS_INPUT)).rejects.toMatchObject({
      code: 'aws_answer_lost',
      outcomeUnknown: true,
      aws: { action: 'ec2:CreateSnapshots', region: 'eu-central-1' },
    });
    expect(aws.asked).toHaveLength(1);
  });

  test('is sent once when AWS answers with a fault of its own', async () => {
    const { aws, ec2 } = await withScript(() => ec2Error('InternalError', 500));
    await expect(ec2.createSnapshots(SNAPSHOTS_INPUT)).rejects.toMatchObject({ outcomeUnknown: true });
    expect(aws.asked).toHaveLength(1);
  });

  test('is sent once when the answer does not come in time', async () => {
    const { aws, ec2 } = await withScript(() => 'stay silent', withTimeout(150));
    await expect(ec2.createSnapshots(SNAPSHOTS_INPUT)).rejects.toMatchObject({ outcomeUnknown: true });
    expect(aws.asked).toHaveLength(1);
  });

  test('is sent again when AWS refused it for its rate, because then nothing was done', async () => {
    const { aws, ec2, records } = await withScript((_, count) =>
      count < 3
        ? ec2Error('RequestLimitExceeded', 503)
        : ec2Result('CreateSnapshots', '<snapshotSet><item><snapshotId>snap-1</snapshotId></item></snapshotSet>'),
    );
    const made = await ec2.createSnapshots(SNAPSHOTS_INPUT);
    expect(made).toMatchObject([{ awsSnapshotId: 'snap-1', state: 'pending', tags: { 'cpm:attempt': 'a-1' } }]);
    expect(aws.asked).toHaveLength(3);
    expect(records.map((record) => record.failure)).toEqual(['RequestLimitExceeded', 'RequestLimitExceeded', null]);
  });

  test('carries its tags in the call', async () => {
    const { aws, ec2 } = await withScript(() => ec2Result('CreateSnapshots', '<snapshotSet/>'));
    await ec2.createSnapshots({
      ...SNAPSHOTS_INPUT,
      excludeRoot: true,
      excludeVolumeIds: ['vol-1'],
      copySourceTags: true,
    });
    expect(Object.fromEntries(aws.asked[0]?.params ?? [])).toMatchObject({
      'TagSpecification.1.ResourceType': 'snapshot',
      'TagSpecification.1.Tag.1.Key': 'cpm:attempt',
      'InstanceSpecification.ExcludeBootVolume': 'true',
      'InstanceSpecification.ExcludeDataVolumeId.1': 'vol-1',
      CopyTagsFromSource: 'volume',
    });
  });

  test('that never reached AWS is certain to have done nothing', async () => {
    const { aws, ec2 } = await withScript(() => 'hang up');
    await aws.stop();
    await expect(ec2.createSnapshots(SNAPSHOTS_INPUT)).rejects.toMatchObject({
      code: 'aws_unavailable',
      outcomeUnknown: false,
    });
  });
});

describe('a call that may be repeated', () => {
  test('is tried again after a fault, a lost answer and a page of something in between', async () => {
    const replies: Reply[] = [ec2Error('InternalError', 500), 'hang up', { html: '<h1>Bad Gateway</h1>', status: 502 }];
    const { aws, ec2 } = await withScript(
      (_, count) => replies[count - 1] ?? ec2Result('DeleteSnapshot', '<return>true</return>'),
    );
    expect(await ec2.deleteSnapshot('snap-1')).toBe('deleted');
    expect(aws.asked).toHaveLength(4);
  });

  test('says the status of a page that is no answer of AWS', async () => {
    const { ec2 } = await withScript(() => ({
      html: '<!doctype html>\n<title>Bad Gateway</title><h1>No',
      status: 502,
    }));
    await expect(ec2.listVolumes()).rejects.toMatchObject({ code: 'aws_unavailable', aws: { code: 'Http502' } });
  });

  test('is given up after four attempts', async () => {
    const { aws, ec2 } = await withScript(() => ec2Error('Unavailable', 503));
    await expect(ec2.describeVolumes(['vol-1'])).rejects.toMatchObject({ code: 'aws_unavailable' });
    expect(aws.asked).toHaveLength(4);
  });

  test('is given up after so many refusals for its rate as the settings say', async () => {
    const { aws, ec2 } = await withScript(() => ec2Error('RequestLimitExceeded', 503), {
      settings: { retry: { attempts: 4, throttledAttempts: 3, firstWaitMs: 1, longestWaitMs: 1 } },
    });
    await expect(ec2.describeVolumes(['vol-1'])).rejects.toMatchObject({ class: 'throttled' });
    expect(aws.asked).toHaveLength(3);
  });

  for (const [code, status, errorClass] of [
    ['UnauthorizedOperation', 403, 'denied'],
    ['AuthFailure', 401, 'denied'],
    ['InvalidParameterValue', 400, 'invalid'],
    ['SnapshotCreationPerVolumeRateExceeded', 400, 'throttled'],
  ] as const) {
    test(`is not tried again after ${code}`, async () => {
      const { aws, ec2 } = await withScript(() => ec2Error(code, status));
      await expect(ec2.deleteSnapshot('snap-1')).rejects.toMatchObject({ class: errorClass, aws: { code } });
      expect(aws.asked).toHaveLength(1);
    });
  }

  test('repeats a launch with the same token', async () => {
    const { aws, ec2 } = await withScript((_, count) =>
      count === 1 ? 'hang up' : ec2Result('CreateVolume', '<volumeId>vol-9</volumeId>'),
    );
    const rest = { iops: null, throughputMiBs: null, encrypted: null, kmsKeyId: null, tags: {} };
    const volume = await ec2.createVolume({
      clientToken: 'token-1',
      zone: 'eu-central-1a',
      awsSnapshotId: 'snap-1',
      sizeGiB: null,
      type: 'gp3',
      ...rest,
    });
    expect(volume.volumeId).toBe('vol-9');
    expect(aws.asked.map(({ params }) => params.get('ClientToken'))).toEqual(['token-1', 'token-1']);
  });
});

describe('a listing', () => {
  const page = (ids: readonly string[], token: string) => {
    const items = ids.map((id) => `<item><volumeId>${id}</volumeId></item>`).join('');
    return ec2Result('DescribeVolumes', `<volumeSet>${items}</volumeSet><nextToken>${token}</nextToken>`);
  };

  test('goes on until the token is absent, over empty pages too', async () => {
    const pages = [page(['vol-1'], 't1'), page([], 't2'), page(['vol-2', 'vol-3'], '')];
    const { ec2 } = await withScript((_, count) => pages[count - 1] ?? 'hang up');
    expect((await ec2.listVolumes()).map((volume) => volume.volumeId)).toEqual(['vol-1', 'vol-2', 'vol-3']);
  });

  test('fails as a whole when one page fails', async () => {
    const { ec2 } = await withScript((_, count) =>
      count === 1 ? page(['vol-1'], 't1') : ec2Error('AuthFailure', 401),
    );
    await expect(ec2.listVolumes()).rejects.toMatchObject({ code: 'aws_credentials_refused' });
  });

  test('whose token never changes ends in an error', async () => {
    const { ec2 } = await withScript(() => page(['vol-1'], 'again'));
    await expect(ec2.listVolumes()).rejects.toMatchObject({ code: 'aws_unavailable' });
  });

  for (const [words, reply] of [
    ['a page with status 200', { html: '<html><body>Sign in to the network</body></html>', status: 200 }],
    ['text cut in the middle', { xml: '<DescribeVolumesResponse><volumeSet><item><volumeId>vol-' }],
    ['no text at all', { html: '', status: 200 }],
  ] as const) {
    test(`that gets ${words} instead of an answer is an error, never empty`, async () => {
      const { ec2 } = await withScript(() => reply);
      await expect(ec2.listVolumes()).rejects.toMatchObject({ class: 'transient' });
    });
  }

  test('always names its owner and asks for whole pages', async () => {
    const { aws, ec2 } = await withScript(() => ec2Result('DescribeSnapshots', '<snapshotSet/>'));
    await ec2.findSnapshotsByTag('cpm:attempt', ['a*', 'b']);
    expect(Object.fromEntries(aws.asked[0]?.params ?? [])).toMatchObject({
      'Owner.1': 'self',
      MaxResults: '1000',
      'Filter.1.Name': 'tag:cpm:attempt',
      'Filter.1.Value.1': String.raw`a\*`,
      'Filter.1.Value.2': 'b',
    });
  });
});

describe('asking for ids', () => {
  test('asks nothing when there are none: AWS would answer with everything', async () => {
    const { aws, ec2 } = await withScript(() => 'hang up');
    const answers = await Promise.all([
      ec2.describeInstances([]),
      ec2.describeVolumes([]),
      ec2.describeSnapshots([]),
      ec2.describeImages([]),
      ec2.findSnapshotsByTag('cpm:backup', []),
      ec2.startInstances([]),
      ec2.stopInstances([]),
      ec2.terminateInstances([]),
    ]);
    await ec2.createTags([], { a: 'b' });
    expect(answers.flat()).toEqual([]);
    expect(aws.asked).toHaveLength(0);
  });

  test('asks for up to 200 instances a call, each id once', async () => {
    const { aws, ec2 } = await withScript(() => ec2Result('DescribeInstances', '<reservationSet/>'));
    const ids = Array.from({ length: 450 }, (_, index) => `i-${index}`);
    await ec2.describeInstances([...ids, ...ids]);
    const values = aws.asked.map(
      ({ params }) => [...params.keys()].filter((key) => key.startsWith('Filter.1.Value')).length,
    );
    expect(values.toSorted((one, other) => one - other)).toEqual([50, 200, 200]);
  });

  test('asks for 1,000 snapshots in one call, and by filter once an id is unknown', async () => {
    const ids = Array.from({ length: 1000 }, (_, index) => `snap-${index}`);
    const { aws, ec2 } = await withScript(({ params }) =>
      params.has('SnapshotId.1')
        ? ec2Error('InvalidSnapshot.NotFound', 400)
        : ec2Result(
            'DescribeSnapshots',
            `<snapshotSet><item><snapshotId>${params.get('Filter.1.Value.1')}</snapshotId></item></snapshotSet>`,
          ),
    );
    expect(await ec2.describeSnapshots(ids)).toHaveLength(5);
    expect(aws.asked).toHaveLength(6);
    expect(aws.asked[0]?.params.get('SnapshotId.1000')).toBe('snap-999');
  });
});

describe('connections and credentials', () => {
  test('a rotated key signs the very next call', async () => {
    const { aws, gateway } = await withScript(() => ec2Result('DescribeRegions', '<regionInfo/>'));
    let keys: AwsCredentials = KEYS;
    const ec2 = gateway.ec2({ accountKey: 'shop', credentials: async () => keys }, 'eu-central-1');
    await ec2.describeRegions();
    keys = { ...KEYS, accessKeyId: 'AKIDROTATED' };
    await ec2.describeRegions();
    expect(aws.asked.map((asked) => asked.accessKeyId)).toEqual(['AKIDEXAMPLE', 'AKIDROTATED']);
  });

  test('two accounts in two regions never get each other’s keys, however few clients are kept', async () => {
    const { aws, gateway } = await withScript(() => ec2Result('DescribeRegions', '<regionInfo/>'), {
      settings: { maxClients: 1 },
    });
    const account = (name: string) => ({ accountKey: name, credentials: async () => ({ ...KEYS, accessKeyId: name }) });
    for (const round of [1, 2]) {
      await gateway.ec2(account('AKIDONE'), 'eu-west-1').describeRegions();
      await gateway.ec2(account('AKIDTWO'), 'us-east-2').describeRegions();
      expect(aws.asked).toHaveLength(2 * round);
    }
    expect(aws.asked.map(({ accessKeyId, region }) => `${accessKeyId} ${region}`)).toEqual([
      'AKIDONE eu-west-1',
      'AKIDTWO us-east-2',
      'AKIDONE eu-west-1',
      'AKIDTWO us-east-2',
    ]);
  });

  test('connections opened in advance serve the burst after them', async () => {
    const { aws, ec2 } = await withScript(() => ec2Result('DescribeRegions', '<regionInfo/>'));
    await ec2.warm(12);
    expect(await aws.connections()).toBe(12);
    await Promise.all(Array.from({ length: 12 }, () => ec2.describeRegions()));
    expect(await aws.connections()).toBe(12);
    expect(aws.asked).toHaveLength(12);
  });

  test('opening connections to an endpoint that is down fails nothing', async () => {
    const { aws, ec2 } = await withScript(() => 'hang up');
    await aws.stop();
    await expect(ec2.warm(3)).resolves.toBeUndefined();
  });

  test('what the environment of the server says about endpoints is not obeyed behind CPM’s back', async () => {
    const elsewhere = await scriptedAws(() => ec2Result('DescribeRegions', '<regionInfo/>'));
    cleanUpAfterwards(elsewhere.stop, () => void delete process.env.AWS_ENDPOINT_URL_EC2);
    process.env.AWS_ENDPOINT_URL_EC2 = elsewhere.url;
    const { aws, ec2 } = await withScript(() => ec2Result('DescribeRegions', '<regionInfo/>'));
    await ec2.describeRegions();
    expect([aws.asked.length, elsewhere.asked.length]).toEqual([1, 0]);
  });

  test('a secret key shows in no error', async () => {
    const { ec2 } = await withScript(() => ec2Error('SignatureDoesNotMatch', 403, 'no match'));
    const error: unknown = await ec2.describeRegions().catch((thrown: unknown) => thrown);
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain(KEYS.secretAccessKey);
  });

  test('waiting calls end when the gateway is closed', async () => {
    const { gateway, access } = await withScript(() => ec2Result('RunInstances', '<instancesSet/>'));
    const ec2 = gateway.ec2(access, 'eu-central-1');
    const started = Array.from({ length: 10 }, () => ec2.startInstances(['i-1']));
    const ended = Promise.allSettled(started);
    gateway.close();
    const reasons = (await ended).filter((result) => result.status === 'rejected');
    expect(reasons.length).toBeGreaterThan(0);
  });
});

describe('names that would lead elsewhere', () => {
  for (const region of [
    '',
    'EU-CENTRAL-1',
    'evil.example/',
    'us-east-1.evil.example',
    'us-east-1@evil',
    '../../etc',
    '169.254.169.254',
    `${'a-'.repeat(40)}1`,
  ]) {
    test(`the region "${region.slice(0, 30)}" is refused before anything is sent`, () => {
      const gateway = open({});
      const access = { accountKey: 'shop', credentials: async () => KEYS };
      expect(() => gateway.ec2(access, region)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
      expect(() => gateway.sts(access, region)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    });
  }

  for (const endpointUrl of [
    '',
    'localhost:4566',
    'file:///etc/passwd',
    'http://host/path',
    'http://me:pw@host',
    'ftp://host',
  ]) {
    test(`the endpoint "${endpointUrl}" is refused when the server starts`, () => {
      expect(() => open({ endpointUrl })).toThrow(expect.objectContaining({ code: 'bad_setting' }));
    });
  }
});

test('deregistering an image never asks AWS to delete its snapshots', async () => {
  const { aws, ec2 } = await withScript(() => ec2Result('DeregisterImage', '<return>true</return>'));
  await ec2.deregisterImage('ami-1');
  expect([...(aws.asked[0]?.params.keys() ?? [])].toSorted()).toEqual(['Action', 'ImageId', 'Version']);
});

test('a tag called __proto__ is a tag like any other', async () => {
  const tags = '<tagSet><item><key>__proto__</key><value>x</value></item></tagSet>';
  const { ec2 } = await withScript(() =>
    ec2Result('DescribeVolumes', `<volumeSet><item><volumeId>vol-1</volumeId>${tags}</item></volumeSet>`),
  );
  const [volume] = await ec2.listVolumes();
  expect(Object.entries(volume?.tags ?? {})).toEqual([['__proto__', 'x']]);
});
