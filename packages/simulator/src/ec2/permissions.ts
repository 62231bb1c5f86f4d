import type { Call } from '../wire/call.ts';
import { awsError, invalidValue } from '../wire/errors.ts';

/** Accounts, or `all`, that are to gain or lose access. */
export type PermissionChanges = { readonly add: readonly string[]; readonly remove: readonly string[] };

const namesIn = (call: Call, path: string): string[] =>
  call.params.structs(path).map((permission) => {
    const user = permission.text('UserId');
    const group = permission.text('Group');
    return user === undefined ? checkGroup(group ?? '') : checkUser(user);
  });

const checkUser = (user: string): string => {
  if (!/^\d{12}$/.test(user)) throw awsError('InvalidUserID.Malformed', `Invalid user id: "${user}"`);
  return user;
};

const checkGroup = (group: string): string => {
  if (group !== 'all') throw invalidValue(group, 'group', "Expected: 'all'.");
  return group;
};

const ownerNames = new Set(['self', 'all', 'amazon', 'aws-marketplace', 'aws-backup-vault']);

/** The accounts a listing is narrowed to. Throws InvalidUserID.Malformed for what is neither an account nor a known name. */
export const readOwners = (call: Call, parameter: string): readonly string[] => {
  const owners = call.params.texts(parameter);
  for (const owner of owners) if (!ownerNames.has(owner)) checkUser(owner);
  return owners;
};

/** Reads both forms of a permission change: `X.Add.1.UserId=…` and the older `OperationType=add&UserId.1=…`. */
export const readPermissionChanges = (call: Call, structure: string, groupParameter: string): PermissionChanges => {
  const operation = call.params.text('OperationType');
  const flat = [...call.params.texts('UserId').map(checkUser), ...call.params.texts(groupParameter).map(checkGroup)];
  if (flat.length > 0 && operation !== 'add' && operation !== 'remove') {
    throw awsError('MissingParameter', 'The request must contain the parameter operationType');
  }
  const add = [...namesIn(call, `${structure}.Add`), ...(operation === 'add' ? flat : [])];
  const remove = [...namesIn(call, `${structure}.Remove`), ...(operation === 'remove' ? flat : [])];
  if (add.length + remove.length > 500)
    throw awsError('InvalidParameterValue', 'At most 500 permissions can be changed in one request.');
  if (add.length + remove.length === 0) throw awsError('InvalidParameterCombination', 'No attributes specified.');
  return { add, remove };
};
