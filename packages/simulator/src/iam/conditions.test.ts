import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Estate } from '../index.ts';
import { boto3Driver, hasBoto3 } from '../testing/boto3-driver.ts';
import { codeOf, type Shape } from '../testing/driver.ts';
import { sdkDriver } from '../testing/sdk-driver.ts';
import { alpha, beta, openStage, spare, stageEstate, web, type Stage } from '../testing/stage.ts';

type Verdict = 'accepted' | 'UnauthorizedOperation' | 'DryRunOperation';
type Case = readonly [title: string, statements: readonly object[], action: string, params: object, verdict: Verdict];

const allow = (Action: string, Condition?: object, Resource: string | readonly string[] = '*') => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
const deny = (Action: string, Condition?: object, Resource = '*') => ({
  ...allow(Action, Condition, Resource),
  Effect: 'Deny',
});

const list = ['DescribeVolumes', {}] as const;
const dry = { DryRun: true };
const snapshot = ['CreateSnapshot', { VolumeId: spare, ...dry }] as const;
const volume = (more: object = {}) =>
  ['CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 10, VolumeType: 'gp3', ...dry, ...more }] as const;
const [yes, no, would] = ['accepted', 'UnauthorizedOperation', 'DryRunOperation'] as const;

const cases: readonly Case[] = [
  ['its own name', [allow('ec2:*', { StringEquals: { 'aws:username': 'user0' } })], ...list, yes],
  ['a variable', [allow('ec2:*', { StringLike: { 'aws:PrincipalArn': '*:user/${aws:username}' } })], ...list, yes],
  [
    'a variable without a value',
    [allow('ec2:*', { StringEquals: { 'aws:username': '${aws:PrincipalTag/no}' } })],
    ...list,
    no,
  ],
  [
    'a variable with a default',
    [allow('ec2:*', { StringLike: { 'aws:username': "${aws:PrincipalTag/no, 'user3'}" } })],
    ...list,
    yes,
  ],
  ['its kind', [allow('ec2:*', { StringEquals: { 'aws:PrincipalType': 'User' } })], ...list, yes],
  ['its address', [allow('ec2:*', { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '127.0.0.0/8'] } })], ...list, yes],
  ['another address', [allow('ec2:*', { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })], ...list, no],
  [
    'all but another address',
    [allow('ec2:*'), deny('ec2:*', { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })],
    ...list,
    no,
  ],
  [
    'a time that has come',
    [allow('ec2:*', { DateGreaterThanEquals: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } })],
    ...list,
    yes,
  ],
  [
    'a time that is over',
    [allow('ec2:*', { DateLessThanEquals: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } })],
    ...list,
    no,
  ],
  ['seconds since 1970', [allow('ec2:*', { NumericGreaterThan: { 'aws:EpochTime': '1500000000' } })], ...list, yes],
  ['any of no tag keys', [allow('ec2:*', { 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'x' } })], ...list, no],
  ['lasting keys', [allow('ec2:*', { Null: { 'aws:TokenIssueTime': 'true' } })], ...list, yes],
  [
    'a small volume',
    [allow('ec2:CreateVolume', { NumericLessThanEquals: { 'ec2:VolumeSize': '10' } })],
    ...volume(),
    would,
  ],
  [
    'a volume too large',
    [allow('ec2:CreateVolume', { NumericLessThanEquals: { 'ec2:VolumeSize': '10' } })],
    ...volume({ Size: 11 }),
    no,
  ],
  [
    'the type of a volume',
    [allow('ec2:CreateVolume', { StringEquals: { 'ec2:VolumeType': 'gp3' } })],
    ...volume(),
    would,
  ],
  ['encryption, missing', [allow('ec2:CreateVolume', { Bool: { 'ec2:Encrypted': 'true' } })], ...volume(), no],
  [
    'encryption',
    [allow('ec2:CreateVolume', { Bool: { 'ec2:Encrypted': 'true' } })],
    ...volume({ Encrypted: true }),
    would,
  ],
  [
    'the zone',
    [allow('ec2:CreateVolume', { StringEquals: { 'ec2:AvailabilityZone': 'us-east-1b' } })],
    ...volume(),
    no,
  ],
  [
    'the volume of a snapshot',
    [
      allow(
        'ec2:CreateSnapshot',
        { ArnLike: { 'ec2:ParentVolume': `arn:aws:ec2:*:*:volume/${spare}` } },
        'arn:aws:ec2:*::snapshot/*',
      ),
      allow('ec2:CreateSnapshot', undefined, 'arn:aws:ec2:*:*:volume/*'),
    ],
    ...snapshot,
    would,
  ],
  [
    'the type of an instance',
    [allow('ec2:StopInstances', { StringEquals: { 'ec2:InstanceType': 't3.micro' } })],
    'StopInstances',
    { InstanceIds: [web], ...dry },
    would,
  ],
];

const trust = (...Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });
const assume = (Principal: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...more,
});
const own = 'arn:aws:iam::100000000001';

const estate: Estate = {
  ...stageEstate,
  accounts: stageEstate.accounts.map((account, at) =>
    at > 0
      ? account
      : {
          ...account,
          accessKeys: [
            ...account.accessKeys,
            { accessKeyId: 'AKIAROOT', secretAccessKey: 'secret' },
            ...cases.map((_, n) => ({ accessKeyId: `AKIAUSER${n}`, secretAccessKey: 'secret', user: `user${n}` })),
          ],
          users: [
            ...(account.users ?? []),
            ...cases.map(([, Statement], n) => ({
              name: `user${n}`,
              policies: { p: { Version: '2012-10-17', Statement } },
            })),
          ],
          roles: [
            {
              name: 'but-some',
              trust: trust(assume({ AWS: '*' }), {
                Effect: 'Deny',
                NotPrincipal: { AWS: [`${own}:user/admin`, `${own}:root`] },
                Action: 'sts:AssumeRole',
              }),
            },
            {
              name: 'by-session-name',
              trust: trust(
                assume({ AWS: '100000000002' }, { Condition: { StringLike: { 'sts:RoleSessionName': 'cpm-*' } } }),
              ),
              attachedPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
            },
          ],
        },
  ),
};

describe('A policy with conditions', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(sdkDriver(), { estate });
  });
  afterAll(() => stage.close());
  const key = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'secret' });
  const role = (name: string, who: object, more: object = {}) =>
    stage.aws(
      'AssumeRole',
      { RoleArn: `${own}:role/${name}`, RoleSessionName: 'cpm-1', ...more },
      { service: 'sts', ...who },
    );

  it.each(cases.map(([title, , action, params, verdict], n) => [title, verdict, n, action, params] as const))(
    'on %s: %s',
    async (_title, verdict, n, action, params) => {
      expect(await codeOf(stage.aws(action, params, key(`AKIAUSER${n}`)))).toBe(verdict);
    },
  );
  it('a role can be kept from all but some, and no root user takes one', async () => {
    expect(await codeOf(role('but-some', alpha))).toBe('accepted');
    expect(await codeOf(role('but-some', key('AKIAUSER0')))).toBe('AccessDenied');
    expect(await codeOf(role('but-some', key('AKIAROOT')))).toBe('AccessDenied');
  });
  it('the name of a session counts, and policies named by ARN narrow it', async () => {
    expect(await codeOf(role('by-session-name', beta, { RoleSessionName: 'other' }))).toBe('AccessDenied');
    const PolicyArns = [{ arn: 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess' }];
    const { Credentials } = await role('by-session-name', beta, { PolicyArns });
    const session = {
      accessKeyId: Credentials?.['AccessKeyId'],
      secretAccessKey: Credentials?.['SecretAccessKey'],
      sessionToken: Credentials?.['SessionToken'],
    } as Parameters<Stage['aws']>[2];
    expect(await codeOf(stage.aws('DescribeVolumes', {}, session))).toBe('accepted');
    expect(await codeOf(stage.aws('CreateSnapshot', { VolumeId: spare }, session))).toBe('UnauthorizedOperation');
  });
});

describe.runIf(hasBoto3())('IAM, asked with boto3', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(boto3Driver(), { estate });
  });
  afterAll(() => stage.close());
  const iam = (action: string, params: object, who: object = alpha) =>
    stage.aws(action, params, { service: 'iam', ...who });
  const put = (statement: object, version = '2012-10-17') =>
    iam('PutUserPolicy', {
      UserName: 'user0',
      PolicyName: 'x',
      PolicyDocument: JSON.stringify({ Version: version, Statement: statement }),
    });

  it.each([
    ['an action without a service', { Effect: 'Allow', Action: 'nothing', Resource: '*' }],
    ['an action with a slip of the pen', { Effect: 'Allow', Action: 'ec2>DeleteSnapshot', Resource: '*' }],
    ['a resource that is no ARN', { Effect: 'Allow', Action: 'ec2:*', Resource: 'vol-1' }],
    ['an unknown operator', { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringIs: { a: 'b' } } }],
  ])('a policy with %s is refused', async (_what, statement) => {
    expect(await codeOf(put(statement))).toBe('MalformedPolicyDocument');
  });
  it('a policy of an unknown version is refused', async () => {
    expect(await codeOf(put(allow('*'), '2020-01-01'))).toBe('MalformedPolicyDocument');
    expect(await codeOf(put(allow('ec2:Describe*')))).toBe('accepted');
  });
  it('a role trusts nobody who is not there, and its limit can be changed', async () => {
    const create = (user: string) =>
      iam('CreateRole', {
        RoleName: 'made',
        AssumeRolePolicyDocument: JSON.stringify(trust(assume({ AWS: `${own}:user/${user}` }))),
      });
    expect(await codeOf(create('ghost'))).toBe('MalformedPolicyDocument');
    await create('admin');
    await iam('UpdateRole', { RoleName: 'made', MaxSessionDuration: 7200 });
    await iam('TagRole', { RoleName: 'made', Tags: [{ Key: 'a', Value: 'b' }] });
    expect((await iam('GetRole', { RoleName: 'made' }))['Role']).toMatchObject({
      MaxSessionDuration: 7200,
      Tags: [{ Key: 'a', Value: 'b' }],
    });
  });
  it('a simulation names the deciding policy and the values it misses', async () => {
    const ask = async (n: number, ActionNames: readonly string[]) => {
      const PolicySourceArn = `${own}:user/user${n}`;
      const reply = await iam('SimulatePrincipalPolicy', { PolicySourceArn, ActionNames });
      return (reply['EvaluationResults'] as unknown as Shape[])[0];
    };
    expect(await ask(7, ['ec2:RunInstances'])).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [{ SourcePolicyId: 'user_user7_p' }],
      MissingContextValues: ['aws:SourceIp'],
    });
    expect(await codeOf(ask(7, ['nonsense']))).toBe('InvalidInput');
    expect(
      await codeOf(
        iam('SimulatePrincipalPolicy', { PolicySourceArn: 'arn:aws:s3:::some-bucket', ActionNames: ['ec2:X'] }),
      ),
    ).toBe('InvalidInput');
  });
  it('what GetSessionToken gives is no good for IAM', async () => {
    const { Credentials } = await stage.aws('GetSessionToken', {}, { service: 'sts' });
    const session = {
      accessKeyId: Credentials?.['AccessKeyId'],
      secretAccessKey: Credentials?.['SecretAccessKey'],
      sessionToken: Credentials?.['SessionToken'],
    };
    expect(await codeOf(iam('ListUsers', {}, session))).toBe('InvalidClientTokenId');
    expect(await codeOf(stage.aws('DescribeVolumes', {}, session as Parameters<Stage['aws']>[2]))).toBe('accepted');
  });
});
