import { randomUUID } from 'node:crypto';
import type { AwsGateway, CallerIdentity } from '@cpm/aws/port';
import type { Account, api } from '@cpm/contract';
import { cpmError, formatInstant, parseAccountId } from '@cpm/core';
import type { ServerContext } from '../context.ts';
import type { Handlers } from '../http/mount.ts';
import { accessOf, ec2Of, secretBinding } from './account-access.ts';
import {
  changeAccount,
  createAccount,
  deleteAccount,
  findAccount,
  listAccounts,
  type ListedAccount,
} from './accounts.store.ts';
import { databasePortsOf } from './database-ports.ts';
import { readRegion } from './explain-region.ts';
import { listDatabaseRecoveryChoices } from './list-database-recovery-choices.ts';
import { listRecoveryChoices } from './list-recovery-choices.ts';
import { listResources } from './list-resources.ts';

/** Accounts over the API (ACC-1, ACC-3, ACC-4). */
export function accountRoutes(context: ServerContext): Handlers<typeof api.accounts> {
  const { db, aws, secrets } = context;
  return {
    async list({ actor, query }) {
      const page = await listAccounts(db, actor.userId, query);
      return { ...page, items: page.items.map(shown) };
    },

    async create({ actor, body, at }) {
      const identity = await whoseKeys(aws, body);
      const id = parseAccountId(randomUUID());
      await createAccount(db, {
        id,
        ownerId: actor.userId,
        name: body.name,
        kind: body.kind,
        accessKeyId: body.accessKeyId,
        secretKey: secrets.seal(body.secretAccessKey, secretBinding(id, actor.userId)),
        awsAccountNumber: identity.accountId,
        arn: identity.arn,
        scanResources: body.scanResources,
        mayDeleteSnapshots: body.mayDeleteSnapshots,
        createdAt: at,
        verifiedAt: at,
      });
      return shown(await findAccount(db, actor.userId, id));
    },

    show: async ({ actor, params }) => shown(await findAccount(db, actor.userId, parseAccountId(params.accountId))),

    async change({ actor, params, body, at }) {
      const id = parseAccountId(params.accountId);
      const account = await findAccount(db, actor.userId, id);
      const { accessKeyId, secretAccessKey, ...rest } = body;
      if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
        const path = accessKeyId === undefined ? 'accessKeyId' : 'secretAccessKey';
        throw cpmError('invalid_request', {
          fields: [{ path, message: 'access key and secret key are changed together' }],
        });
      }
      if (accessKeyId === undefined || secretAccessKey === undefined) {
        await changeAccount(db, actor.userId, id, rest);
      } else {
        const identity = await whoseKeys(aws, { accessKeyId, secretAccessKey });
        refuseOtherAccount(account, identity);
        const secretKey = secrets.seal(secretAccessKey, secretBinding(id, actor.userId));
        const verified = { at, arn: identity.arn };
        await changeAccount(db, actor.userId, id, { ...rest, verified, keys: { accessKeyId, secretKey } });
        aws.forget(id);
      }
      return shown(await findAccount(db, actor.userId, id));
    },

    async remove({ actor, params }) {
      const id = parseAccountId(params.accountId);
      await deleteAccount(db, actor.userId, id);
      aws.forget(id);
    },

    async verify({ actor, params, at }) {
      const id = parseAccountId(params.accountId);
      const account = await findAccount(db, actor.userId, id);
      const identity = await aws.sts(accessOf(context, id), undefined, { priority: 'interactive' }).callerIdentity();
      refuseOtherAccount(account, identity);
      await changeAccount(db, actor.userId, id, { verified: { at, arn: identity.arn } });
      return shown(await findAccount(db, actor.userId, id));
    },

    async regions({ actor, params }) {
      const { id } = await findAccount(db, actor.userId, parseAccountId(params.accountId));
      const ec2 = ec2Of(context, id, 'us-east-1', { priority: 'interactive' });
      return { items: [...(await ec2.describeRegions())] };
    },

    async resources({ actor, params, query }) {
      const { id } = await findAccount(db, actor.userId, parseAccountId(params.accountId));
      const { region } = params;
      const ec2 = ec2Of(context, id, region, { priority: 'interactive' });
      const databases = databasePortsOf(context, id, region, { priority: 'interactive' });
      const read = () => listResources(db, actor.userId, { ec2, databases }, query.kind);
      return { items: await readRegion(context, { accountId: id, region }, read) };
    },

    async recoveryChoices({ actor, params }) {
      const { id } = await findAccount(db, actor.userId, parseAccountId(params.accountId));
      const { region } = params;
      const ec2 = ec2Of(context, id, region, { priority: 'interactive' });
      return readRegion(context, { accountId: id, region }, () => listRecoveryChoices(ec2));
    },

    async databaseRecoveryChoices({ actor, params }) {
      const { id } = await findAccount(db, actor.userId, parseAccountId(params.accountId));
      const { region } = params;
      const options = { priority: 'interactive' } as const;
      const ports = { ...databasePortsOf(context, id, region, options), ec2: ec2Of(context, id, region, options) };
      return readRegion(context, { accountId: id, region }, () => listDatabaseRecoveryChoices(ports));
    },
  };
}

/** Asks AWS whose the keys are, before anything is stored: a refusal reaches the caller with AWS's own words. */
async function whoseKeys(
  aws: AwsGateway,
  keys: { accessKeyId: string; secretAccessKey: string },
): Promise<CallerIdentity> {
  const accountKey = `verify/${randomUUID()}`;
  const { accessKeyId, secretAccessKey } = keys;
  const access = { accountKey, credentials: async () => ({ accessKeyId, secretAccessKey }) };
  try {
    const identity = await aws.sts(access, undefined, { priority: 'interactive' }).callerIdentity();
    // GetCallerIdentity needs no permission: keys that may not even list regions would show empty pickers later.
    await aws.ec2(access, 'us-east-1', { priority: 'interactive' }).describeRegions();
    return identity;
  } finally {
    aws.forget(accountKey);
  }
}

/** Policies and snapshots belong to the AWS account: new keys must not lead to another. */
function refuseOtherAccount(account: ListedAccount, identity: CallerIdentity): void {
  if (identity.accountId === account.awsAccountNumber) return;
  const message = `these keys are of AWS account ${identity.accountId}, this account is ${account.awsAccountNumber}`;
  throw cpmError('invalid_request', { fields: [{ path: 'accessKeyId', message }] });
}

function shown({ ownerId: _, twins, createdAt, verifiedAt, ...account }: ListedAccount): Account {
  return {
    ...account,
    createdAt: formatInstant(createdAt),
    verifiedAt: formatInstant(verifiedAt),
    warnings: twins.map((name) => `The account ${name} reaches the same AWS account.`),
  };
}
