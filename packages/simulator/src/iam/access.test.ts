import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Estate } from '../index.ts';
import { codeOf, type Shape } from '../testing/driver.ts';
import { alpha, beta, drivers, openStage, spare, stageEstate, web, type Stage } from '../testing/stage.ts';

const allow = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});
const deny = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Deny',
  Action,
  Resource: '*',
  ...more,
});
const policy = (...Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });

const grants: Readonly<Record<string, object | undefined>> = {
  nobody: undefined,
  vault: policy(allow('ec2:*'), deny('ec2:DeleteSnapshot')),
  untagged: policy(allow('ec2:CreateSnapshot')),
  tagger: policy(
    allow('ec2:CreateSnapshot'),
    allow('ec2:CreateTags', { Condition: { StringEquals: { 'ec2:CreateAction': 'CreateSnapshot' } } }),
  ),
  american: policy(allow('ec2:*', { Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } })),
  production: policy(allow('ec2:*', { Condition: { StringEquals: { 'aws:ResourceTag/Stage': 'production' } } })),
  volumes: policy(allow('ec2:CreateSnapshot', { Resource: ['arn:aws:ec2:*:*:volume/*', 'arn:aws:ec2:*::snapshot/*'] })),
  most: policy({ Effect: 'Allow', NotAction: 'ec2:Delete*', Resource: '*' }),
  assumer: policy(allow('sts:AssumeRole')),
};

const trust = (principal: string, condition?: object) =>
  policy({
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: 'sts:AssumeRole',
    ...(condition === undefined ? {} : { Condition: condition }),
  });

const estate: Estate = {
  ...stageEstate,
  accounts: stageEstate.accounts.map((account, at) =>
    at > 0
      ? account
      : {
          ...account,
          accessKeys: [
            ...account.accessKeys,
            ...Object.keys(grants).map((user) => ({
              accessKeyId: `AKIATEST${user.toUpperCase()}0000`,
              secretAccessKey: 'secret',
              user,
            })),
          ],
          users: [
            ...(account.users ?? []),
            ...Object.entries(grants).map(([name, document]) => ({
              name,
              ...(document === undefined ? {} : { policies: { p: document } }),
            })),
          ],
          roles: [
            {
              name: 'reader',
              trust: trust('arn:aws:iam::100000000001:root'),
              policies: { p: policy(allow('ec2:Describe*')) },
            },
            {
              name: 'partner',
              trust: trust('arn:aws:iam::100000000002:root', { StringEquals: { 'sts:ExternalId': 'agreed' } }),
              attachedPolicies: ['arn:aws:iam::aws:policy/AmazonEC2FullAccess'],
            },
          ],
        },
  ),
};

const as = (user: string) => ({ accessKeyId: `AKIATEST${user.toUpperCase()}0000`, secretAccessKey: 'secret' });

describe.each(drivers)('Who may do what, asked for with %s', (_name, makeDriver) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(makeDriver(), { estate });
  });
  beforeEach(() => stage.reset());
  afterAll(() => stage.close());

  const sts = (action: string, params: object = {}, who: object = alpha) =>
    stage.aws(action, params, { service: 'sts', ...who });
  const snapshot = (who: object, more: object = {}) => stage.aws('CreateSnapshot', { VolumeId: spare, ...more }, who);
  const tags = { TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'op', Value: '1' }] }] };

  it.each([
    [
      'nobody',
      'without a policy, listing',
      () => stage.aws('DescribeVolumes', {}, as('nobody')),
      'UnauthorizedOperation',
    ],
    ['nobody', 'without a policy, a dry run', () => snapshot(as('nobody'), { DryRun: true }), 'UnauthorizedOperation'],
    ['vault', 'allowed by a wildcard, a snapshot', () => snapshot(as('vault')), 'accepted'],
    [
      'vault',
      'explicitly denied, deleting',
      () => stage.aws('DeleteSnapshot', { SnapshotId: 'snap-0123456789abcdef0' }, as('vault')),
      'UnauthorizedOperation',
    ],
    ['untagged', 'allowed to snapshot, without tags', () => snapshot(as('untagged')), 'accepted'],
    ['untagged', 'not allowed to tag, with tags', () => snapshot(as('untagged'), tags), 'UnauthorizedOperation'],
    ['tagger', 'allowed to tag while creating, with tags', () => snapshot(as('tagger'), tags), 'accepted'],
    [
      'tagger',
      'allowed to tag while creating, tagging afterwards',
      () => stage.aws('CreateTags', { Resources: [spare], Tags: [{ Key: 'a', Value: 'b' }] }, as('tagger')),
      'UnauthorizedOperation',
    ],
    ['american', 'bound to a region, inside', () => stage.aws('DescribeVolumes', {}, as('american')), 'accepted'],
    [
      'american',
      'bound to a region, outside',
      () => stage.aws('DescribeVolumes', {}, { ...as('american'), region: 'eu-west-1' }),
      'UnauthorizedOperation',
    ],
    [
      'production',
      'bound to a tag, with it',
      () => stage.aws('StopInstances', { InstanceIds: [web] }, as('production')),
      'accepted',
    ],
    [
      'production',
      'bound to a tag, without it',
      () => stage.aws('DeleteVolume', { VolumeId: spare }, as('production')),
      'UnauthorizedOperation',
    ],
    ['volumes', 'bound to resources, inside', () => snapshot(as('volumes')), 'accepted'],
    ['most', 'allowed all but one, another', () => stage.aws('DescribeVolumes', {}, as('most')), 'accepted'],
    [
      'most',
      'allowed all but one, that one',
      () => stage.aws('DeleteVolume', { VolumeId: spare }, as('most')),
      'UnauthorizedOperation',
    ],
  ])('%s, %s', async (_who, _what, act, code) => {
    expect(await codeOf(act())).toBe(code);
  });
  it.each([
    [
      'an unknown key',
      { accessKeyId: 'AKIANOBODY000000000', secretAccessKey: 'x' },
      'AuthFailure',
      'InvalidClientTokenId',
    ],
    ['a wrong secret', { ...alpha, secretAccessKey: 'wrong' }, 'AuthFailure', 'SignatureDoesNotMatch'],
    ['a token nobody gave', { ...alpha, sessionToken: 'invented' }, 'AuthFailure', 'InvalidClientTokenId'],
    ['a region that is not switched on', { ...alpha, region: 'me-south-1' }, 'AuthFailure', 'InvalidClientTokenId'],
  ])('%s is refused by EC2 and by STS in their own words', async (_what, who, ofEc2, ofSts) => {
    expect(await codeOf(stage.aws('DescribeVolumes', {}, who))).toBe(ofEc2);
    expect(await codeOf(sts('GetCallerIdentity', {}, who))).toBe(ofSts);
  });
  it('a region that was switched on answers', async () => {
    expect(await codeOf(stage.aws('DescribeVolumes', {}, { ...alpha, region: 'ap-east-1' }))).toBe('accepted');
  });
  it('anybody may ask who he is', async () => {
    expect(await sts('GetCallerIdentity', {}, as('nobody'))).toMatchObject({
      Account: '100000000001',
      Arn: 'arn:aws:iam::100000000001:user/nobody',
    });
  });

  const assume = (role: string, who: object, more: object = {}) =>
    sts('AssumeRole', { RoleArn: `arn:aws:iam::100000000001:role/${role}`, RoleSessionName: 'cpm', ...more }, who);
  const sessionOf = (reply: Shape) => {
    const given = reply['Credentials'] as Shape;
    return {
      accessKeyId: given['AccessKeyId'] as string,
      secretAccessKey: given['SecretAccessKey'] as string,
      sessionToken: given['SessionToken'] as string,
    };
  };
  it("a role is assumed across accounts with the agreed external id and works in the role's account", async () => {
    const session = sessionOf(await assume('partner', beta, { ExternalId: 'agreed' }));
    expect(await sts('GetCallerIdentity', {}, session)).toMatchObject({
      Account: '100000000001',
      Arn: 'arn:aws:sts::100000000001:assumed-role/partner/cpm',
    });
    expect((await stage.aws('DescribeVolumes', { VolumeIds: [spare] }, session))['Volumes']).toHaveLength(1);
  });
  it.each([
    ['without the external id', () => assume('partner', beta), 'AccessDenied'],
    ['with another external id', () => assume('partner', beta, { ExternalId: 'guessed' }), 'AccessDenied'],
    ['from an account that is not trusted', () => assume('partner', alpha, { ExternalId: 'agreed' }), 'AccessDenied'],
    ['that does not exist', () => assume('ghost', alpha), 'AccessDenied'],
    ['by a user without permission', () => assume('reader', as('nobody')), 'AccessDenied'],
    ['by a user with permission', () => assume('reader', as('assumer')), 'accepted'],
    ['for too long', () => assume('reader', alpha, { DurationSeconds: 43_201 }), 'ValidationError'],
    ['for longer than the role allows', () => assume('reader', alpha, { DurationSeconds: 7200 }), 'ValidationError'],
    ['for too short', () => assume('reader', alpha, { DurationSeconds: 60 }), 'ValidationError'],
    ['under a name with strange letters', () => assume('reader', alpha, { RoleSessionName: 'a b' }), 'ValidationError'],
  ])('assuming a role %s', async (_what, act, code) => {
    expect(await codeOf(act())).toBe(code);
  });
  it('a session ends by the clock, in the words of each service', async () => {
    const session = sessionOf(await assume('reader', alpha, { DurationSeconds: 900 }));
    expect(await codeOf(stage.aws('DescribeVolumes', {}, session))).toBe('accepted');
    expect(await codeOf(stage.aws('DeleteVolume', { VolumeId: spare }, session))).toBe('UnauthorizedOperation');
    stage.advance(901);
    expect(await codeOf(stage.aws('DescribeVolumes', {}, session))).toBe('RequestExpired');
    expect(await codeOf(sts('GetCallerIdentity', {}, session))).toBe('ExpiredToken');
  });
  it('a session policy can only take away', async () => {
    const session = sessionOf(
      await assume('partner', beta, {
        ExternalId: 'agreed',
        Policy: JSON.stringify(policy(allow('ec2:DescribeVolumes'))),
      }),
    );
    expect(await codeOf(stage.aws('DescribeVolumes', {}, session))).toBe('accepted');
    expect(await codeOf(stage.aws('DescribeInstances', {}, session))).toBe('UnauthorizedOperation');
  });
  it('a user gets a session of his own', async () => {
    const session = sessionOf(await sts('GetSessionToken'));
    expect(await sts('GetCallerIdentity', {}, session)).toMatchObject({ Arn: 'arn:aws:iam::100000000001:user/admin' });
  });
});

const withIam = drivers.filter(([name]) => name === 'boto3');

describe.each(withIam)('Users, keys and policies, asked for with %s', (_name, makeDriver) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage(makeDriver(), { estate });
  });
  beforeEach(() => stage.reset());
  afterAll(() => stage.close());
  const iam = (action: string, params: object = {}, who: object = alpha) =>
    stage.aws(action, params, { service: 'iam', ...who });

  it('a new user can do nothing until a policy says so, and nothing again when his key is off', async () => {
    await iam('CreateUser', { UserName: 'fresh' });
    const key = (await iam('CreateAccessKey', { UserName: 'fresh' }))['AccessKey'] as Shape;
    const fresh = { accessKeyId: key['AccessKeyId'] as string, secretAccessKey: key['SecretAccessKey'] as string };
    const list = () => codeOf(stage.aws('DescribeVolumes', {}, fresh));
    expect(await list()).toBe('UnauthorizedOperation');
    await iam('PutUserPolicy', {
      UserName: 'fresh',
      PolicyName: 'read',
      PolicyDocument: JSON.stringify(policy(allow('ec2:Describe*'))),
    });
    expect(await list()).toBe('accepted');
    await iam('UpdateAccessKey', { UserName: 'fresh', AccessKeyId: fresh.accessKeyId, Status: 'Inactive' });
    expect(await list()).toBe('AuthFailure');
  });
  it('a managed policy is made, attached, read back and detached', async () => {
    const { Policy } = (await iam('CreatePolicy', {
      PolicyName: 'backup',
      PolicyDocument: JSON.stringify(policy(allow('ec2:CreateSnapshot'))),
    })) as unknown as { Policy: { Arn: string } };
    await iam('AttachUserPolicy', { UserName: 'nobody', PolicyArn: Policy.Arn });
    expect(await codeOf(stage.aws('CreateSnapshot', { VolumeId: spare }, as('nobody')))).toBe('accepted');
    expect(await codeOf(iam('DeletePolicy', { PolicyArn: Policy.Arn }))).toBe('DeleteConflict');
    await iam('DetachUserPolicy', { UserName: 'nobody', PolicyArn: Policy.Arn });
    expect(await codeOf(iam('DeletePolicy', { PolicyArn: Policy.Arn }))).toBe('accepted');
    expect((await iam('GetUserPolicy', { UserName: 'vault', PolicyName: 'p' }))['PolicyDocument']).toMatchObject({
      Version: '2012-10-17',
    });
  });
  it.each([
    ['a user twice', 'CreateUser', { UserName: 'admin' }, 'EntityAlreadyExists'],
    ['an unknown user', 'GetUser', { UserName: 'ghost' }, 'NoSuchEntity'],
    [
      'a policy that is no JSON',
      'PutUserPolicy',
      { UserName: 'admin', PolicyName: 'x', PolicyDocument: 'oops' },
      'MalformedPolicyDocument',
    ],
    [
      'a policy without a resource',
      'PutUserPolicy',
      { UserName: 'admin', PolicyName: 'x', PolicyDocument: '{"Statement":[{"Effect":"Allow","Action":"*"}]}' },
      'MalformedPolicyDocument',
    ],
    [
      'an unknown policy',
      'AttachUserPolicy',
      { UserName: 'admin', PolicyArn: 'arn:aws:iam::aws:policy/Nothing' },
      'NoSuchEntity',
    ],
    ['deleting a user with keys', 'DeleteUser', { UserName: 'admin' }, 'DeleteConflict'],
    ['an unknown role', 'GetRole', { RoleName: 'ghost' }, 'NoSuchEntity'],
  ])('%s is refused', async (_what, action, params, code) => {
    expect(await codeOf(iam(action, params))).toBe(code);
  });
  it('a user without permission may not use IAM', async () => {
    expect(await codeOf(iam('ListUsers', {}, as('nobody')))).toBe('AccessDenied');
  });
  it('a role is made, listed and trusted', async () => {
    await iam('CreateRole', {
      RoleName: 'made',
      AssumeRolePolicyDocument: JSON.stringify(trust('arn:aws:iam::100000000001:user/admin')),
    });
    expect((await iam('GetRole', { RoleName: 'made' }))['Role']).toMatchObject({
      RoleName: 'made',
      AssumeRolePolicyDocument: { Version: '2012-10-17' },
    });
    await stage.aws(
      'AssumeRole',
      { RoleArn: 'arn:aws:iam::100000000001:role/made', RoleSessionName: 'x1' },
      { service: 'sts' },
    );
  });
  it('what a policy would allow can be asked beforehand', async () => {
    const { EvaluationResults } = (await iam('SimulatePrincipalPolicy', {
      PolicySourceArn: 'arn:aws:iam::100000000001:user/vault',
      ActionNames: ['ec2:CreateSnapshot', 'ec2:DeleteSnapshot', 'rds:CreateDBSnapshot'],
    })) as unknown as { EvaluationResults: Shape[] };
    expect(EvaluationResults.map((one) => one['EvalDecision'])).toEqual(['allowed', 'explicitDeny', 'implicitDeny']);
  });
});
