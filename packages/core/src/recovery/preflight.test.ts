import { describe, expect, it, test } from 'vitest';
import { accountOfKey, keyFault, regionOfKey } from './preflight-keys.ts';
import { missingPolicy, permissionQuestions, principalOf } from './preflight-permissions.ts';
import { familiesOf, judgeQuota } from './preflight-quotas.ts';
import { canStart, summarizeChecks, withFound } from './recovery-plan.ts';

describe('a key', () => {
  const own = 'arn:aws:kms:us-east-1:111122223333:key/1';
  const used = { keyId: own, path: 'volumes.0.kmsKeyId', of: '' };
  const key = { arn: own, state: 'Enabled', spec: 'SYMMETRIC_DEFAULT' };

  it('that is enabled and symmetric can be used', () => {
    expect(keyFault(used, 'us-east-1', key)).toBeNull();
    expect(keyFault({ ...used, keyId: 'alias/backup' }, 'us-east-1', key)).toBeNull();
  });

  test.each([
    ['Disabled', /is disabled/, /Enable it/],
    ['PendingDeletion', /is going to be deleted/, /Cancel its deletion/],
    ['Unavailable', /is Unavailable/, /Look at its state/],
    ['PendingImport', /is PendingImport/, /Look at its state/],
  ])('in the state %s cannot, beside its field and with the fix', (state, message, fix) => {
    const fault = keyFault(used, 'us-east-1', { ...key, state });
    expect(fault?.path).toBe('volumes.0.kmsKeyId');
    expect(fault?.message).toMatch(message);
    expect(fault?.fix).toMatch(fix);
  });

  test.each(['RSA_2048', 'HMAC_256', 'ECC_NIST_P256'])('of the kind %s cannot', (spec) => {
    expect(keyFault(used, 'us-east-1', { ...key, spec })?.message).toMatch(spec);
  });

  it('of another region cannot, whatever KMS says of it', () => {
    expect(keyFault(used, 'eu-west-1', key)?.message).toMatch(/is in us-east-1, and the recovery in eu-west-1/);
  });

  it('that KMS does not show cannot, and the snapshot that needs it is named', () => {
    const fault = keyFault({ keyId: own, path: '', of: ' of snap-1' }, 'us-east-1', null);
    expect(fault).toMatchObject({ path: '', message: expect.stringMatching(/of snap-1 is not known in us-east-1/) });
  });

  it('tells region and account by its ARN alone', () => {
    expect([regionOfKey(own), accountOfKey(own)]).toEqual(['us-east-1', '111122223333']);
    expect([regionOfKey('alias/backup'), accountOfKey('1234abcd')]).toEqual([null, null]);
  });
});

describe('a quota', () => {
  test.each([
    [{ limit: 100, used: 50, more: 10 }, 'pass'],
    [{ limit: 100, used: 80, more: 9 }, 'pass'],
    [{ limit: 100, used: 80, more: 10 }, 'warn'],
    [{ limit: 100, used: 90, more: 10 }, 'warn'],
    [{ limit: 100, used: 90, more: 11 }, 'fail'],
    [{ limit: 0, used: 0, more: 1 }, 'fail'],
  ] as const)('%j: %s', (figures, result) => {
    const judged = judgeQuota({ what: 'storage', unit: 'GiB', ...figures });
    expect(judged.result).toBe(result);
    expect(judged.message).toBe(
      `storage: ${figures.used} of ${figures.limit} GiB are in use, and this needs ${figures.more} more`,
    );
  });

  test.each([
    ['m7i.large', 'standard instances'],
    ['t3.micro', 'standard instances'],
    ['hs1.8xlarge', 'standard instances'],
    ['inf2.xlarge', 'Inf instances'],
    ['i4i.large', 'standard instances'],
    ['g5.xlarge', 'G and VT instances'],
    ['vt1.3xlarge', 'G and VT instances'],
    ['p4d.24xlarge', 'P instances'],
    ['f1.2xlarge', 'F instances'],
    ['x2gd.medium', 'X instances'],
    ['trn1.2xlarge', 'Trn instances'],
    ['dl1.24xlarge', 'DL instances'],
    ['d3.xlarge', 'standard instances'],
    ['hpc7g.4xlarge', 'HPC instances'],
    ['u-6tb1.metal', 'high-memory instances'],
    ['u7i-12tb.224xlarge', 'high-memory instances'],
  ])('%s counts among the %s', (type, words) => {
    expect(familiesOf(type).words).toBe(words);
  });
});

describe('the principal behind a caller', () => {
  test.each([
    ['arn:aws:iam::111122223333:root', { kind: 'root' }],
    [
      'arn:aws:iam::111122223333:user/ops/cpm',
      { kind: 'user', arn: 'arn:aws:iam::111122223333:user/ops/cpm', name: 'cpm' },
    ],
    [
      'arn:aws-cn:sts::111122223333:assumed-role/cpm/session',
      { kind: 'role', arn: 'arn:aws-cn:iam::111122223333:role/cpm', name: 'cpm' },
    ],
    ['arn:aws:sts::111122223333:federated-user/bob', { kind: 'unknown' }],
    ['', { kind: 'unknown' }],
  ])('%s', (arn, principal) => {
    expect(principalOf(arn)).toEqual(principal);
  });
});

describe('what IAM is asked', () => {
  const input = {
    partition: 'aws',
    accountId: '111122223333',
    region: 'us-east-1',
    resourceIds: { subnet: ['subnet-1'], 'key-pair': [] },
    passedRoleArns: ['arn:aws:iam::111122223333:role/web'],
  };

  it('is each action on the resources that decide about it, by id where it is known', () => {
    const asked = permissionQuestions({
      ...input,
      actions: ['ec2:RunInstances', 'ec2:DescribeInstances', 'ec2:DescribeImages'],
    });
    expect(asked.map(({ actions }) => actions)).toEqual([
      ['ec2:RunInstances'],
      ['ec2:DescribeInstances', 'ec2:DescribeImages'],
    ]);
    expect(asked[0]?.resourceArns).toContain('arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1');
    expect(asked[0]?.resourceArns).toContain('arn:aws:ec2:us-east-1::image/*');
    expect(asked[0]?.resourceArns.some((arn) => arn.includes('key-pair'))).toBe(false);
    expect(asked[1]?.resourceArns).toEqual(['*']);
  });

  it('about passing a role is asked for the role, handed to instances', () => {
    expect(permissionQuestions({ ...input, actions: ['iam:PassRole'] })).toEqual([
      {
        actions: ['iam:PassRole'],
        resourceArns: ['arn:aws:iam::111122223333:role/web'],
        context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
      },
    ]);
  });
});

describe('the policy of what is missing', () => {
  it('names each action once, and roles only where they are passed', () => {
    expect(missingPolicy([], [])).toBeNull();
    expect(missingPolicy(['ec2:RunInstances', 'ec2:CreateTags', 'ec2:CreateTags'], ['role'])).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['ec2:CreateTags', 'ec2:RunInstances'], Resource: '*' }],
    });
    expect(missingPolicy(['iam:PassRole'], ['role'])).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['iam:PassRole'], Resource: ['role'] }],
    });
  });
});

test('further checks join those that were made: one that failed stays failed, with its fix', () => {
  const made = summarizeChecks([
    { name: 'volumes', fails: [{ path: 'volumes.0.sizeGiB', message: 'too small', fix: 'Ask for more.' }] },
    { name: 'place' },
  ]);
  const joined = withFound(made, [{ name: 'keys' }, { name: 'volumes', warns: [{ path: '', message: 'close' }] }]);
  expect(joined.map(({ name, result }) => [name, result])).toEqual([
    ['place', 'pass'],
    ['volumes', 'fail'],
    ['keys', 'pass'],
  ]);
  expect(joined[1]?.findings).toEqual([
    { path: 'volumes.0.sizeGiB', message: 'too small', result: 'fail', fix: 'Ask for more.' },
    { path: '', message: 'close', result: 'warn', fix: null },
  ]);
  expect(canStart(joined)).toBe(false);
});
