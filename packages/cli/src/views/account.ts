import type { Account, Resource } from '@cpm/contract';
import type { Column, Field, Printer } from '../terminal/print.ts';
import { formatTime } from '../terminal/time.ts';

export const accountColumns: readonly Column<Account>[] = [
  ['NAME', (account) => account.name],
  ['KIND', (account) => account.kind],
  ['AWS ACCOUNT', (account) => account.awsAccountNumber],
  ['ACCESS KEY', (account) => account.accessKeyId],
  ['POLICIES', (account) => account.policyCount],
  ['ID', (account) => account.id],
];

/** Shows one account. */
export function printAccount(print: Printer, account: Account): void {
  print.one(account, fieldsOf(account), account.id);
}

function fieldsOf(account: Account): readonly Field[] {
  return [
    ['id', account.id],
    ['name', account.name],
    ['kind', account.kind],
    ['AWS account', account.awsAccountNumber],
    ['AWS identity', account.arn],
    ['access key', account.accessKeyId],
    ['scan resources', account.scanResources],
    ['may delete snapshots', account.mayDeleteSnapshots],
    ['policies', account.policyCount],
    ['verified', formatTime(account.verifiedAt)],
    ['created', formatTime(account.createdAt)],
    ['warnings', account.warnings],
  ];
}

export const resourceColumns: readonly Column<Resource>[] = [
  ['ID', (resource) => resource.id],
  ['NAME', (resource) => resource.name],
  ['KIND', (resource) => resource.kind],
  ['ZONE', (resource) => resource.zone],
  ['TYPE', (resource) => resource.type],
  ['STATE', (resource) => resource.state],
  ['GIB', (resource) => resource.sizeGiB],
  ['PLATFORM', (resource) => resource.platform],
  ['ATTACHED TO', (resource) => resource.attachedTo],
  ['CANNOT BE TARGET', (resource) => resource.cannotBeTarget],
  ['POLICIES', (resource) => resource.policies.map((policy) => policy.name).join(', ')],
];
