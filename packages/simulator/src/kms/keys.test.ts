import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boto3Driver, hasBoto3 } from '../testing/boto3-driver.ts';
import { codeOf, type Shape } from '../testing/driver.ts';
import { beta, openStage, type Stage } from '../testing/stage.ts';

const shared = 'aaaaaaaa-0000-4000-a000-000000000001';
const secret = 'aaaaaaaa-0000-4000-a000-000000000002';

describe.runIf(hasBoto3())('KMS, spoken to by boto3', () => {
  let stage: Stage;
  const kms = (action: string, params: object = {}, as: object = {}): Promise<Shape> =>
    stage.aws(action, params, { service: 'kms', ...as });
  const keyOf = async (KeyId: string, as: object = {}): Promise<Shape | undefined> =>
    (await kms('DescribeKey', { KeyId }, as))['KeyMetadata'];

  beforeAll(async () => {
    stage = await openStage(boto3Driver());
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.reset());

  it('describes keys by id, alias and ARN, another account only those it may use', async () => {
    const arn = `arn:aws:kms:us-east-1:100000000001:key/${shared}`;
    for (const name of [shared, 'alias/shared', arn]) expect((await keyOf(name))?.['Arn']).toBe(arn);
    expect(await keyOf('alias/broken')).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    expect((await keyOf(arn, beta))?.['KeyId']).toBe(shared);
    expect(await codeOf(keyOf(arn.replace(shared, secret), beta))).toBe('NotFoundException');
    expect(await codeOf(keyOf('alias/none'))).toBe('NotFoundException');
  });

  it('lists keys and aliases in pages', async () => {
    const first = await kms('ListKeys', { Limit: 2 });
    expect(first).toMatchObject({ Truncated: true });
    const rest = await kms('ListKeys', { Marker: first['NextMarker'] });
    expect(rest).toMatchObject({ Truncated: false });
    expect((await kms('ListAliases', { KeyId: shared }))['Aliases']).toMatchObject([{ AliasName: 'alias/shared' }]);
  });

  it('disables a key for everything that is encrypted with it', async () => {
    const rds = (action: string, params: object): Promise<Shape> => stage.aws(action, params, { service: 'rds' });
    await rds('CreateDBInstance', {
      DBInstanceIdentifier: 'vault',
      DBInstanceClass: 'db.t3.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'root',
      MasterUserPassword: 'not-a-secret',
      StorageEncrypted: true,
      KmsKeyId: shared,
    });
    stage.advance(60);
    const snapshot = (name: string): Promise<Shape> =>
      rds('CreateDBSnapshot', { DBSnapshotIdentifier: name, DBInstanceIdentifier: 'vault' });
    await kms('DisableKey', { KeyId: shared });
    expect(await codeOf(snapshot('one'))).toBe('KMSKeyNotAccessibleFault');
    await kms('EnableKey', { KeyId: shared });
    expect(await codeOf(snapshot('one'))).toBe('accepted');
  });

  it('lets a key go at the end of its waiting time', async () => {
    const KeyId = (await kms('CreateKey', { Description: 'short-lived' }))['KeyMetadata']?.['KeyId'];
    expect(await codeOf(kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 3 }))).toBe('ValidationException');
    await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    expect((await keyOf(String(KeyId)))?.['KeyState']).toBe('PendingDeletion');
    expect(await codeOf(kms('EnableKey', { KeyId }))).toBe('KMSInvalidStateException');
    stage.advance(8 * 86_400);
    expect(await codeOf(keyOf(String(KeyId)))).toBe('NotFoundException');
  });
});
