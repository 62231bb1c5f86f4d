import { readFileSync } from 'node:fs';
import { acme } from './acme.ts';
import { everyKind } from './every-kind.ts';
import { fleet } from './fleet.ts';
import type { Estate } from './format.ts';
import { readSettingsChange } from '../settings.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const check = (value: unknown, where: string): Estate => {
  if (!isObject(value)) throw new RangeError(`${where}: an estate is a JSON object`);
  const { accounts } = value;
  if (!Array.isArray(accounts) || accounts.length === 0)
    throw new RangeError(`${where}: 'accounts' must be a list with at least one account`);
  for (const account of accounts as unknown[]) {
    if (!isObject(account) || typeof account['id'] !== 'string')
      throw new RangeError(`${where}: every account needs an 'id' of 12 digits`);
    if (!Array.isArray(account['accessKeys']))
      throw new RangeError(`${where}: account ${account['id']} needs a list 'accessKeys'`);
  }
  readSettingsChange(value['settings'] ?? {});
  return { ...value, name: typeof value['name'] === 'string' ? value['name'] : where } as Estate;
};

const readFile = (path: string): Estate => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new RangeError(
      `cannot read the estate '${path}': ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      { cause: thrown },
    );
  }
  return check(parsed, path);
};

/** An estate by name (`acme`, `every-kind`, `fleet:50x3`) or from a JSON file. Throws a RangeError that says what is wrong with it. */
export const readEstate = (named: string): Estate => {
  if (named === 'acme') return acme;
  if (named === 'every-kind') return everyKind;
  const [, instances, volumes] = /^fleet:(\d{1,5})(?:x(\d{1,2}))?$/.exec(named) ?? [];
  if (instances === undefined) return readFile(named);
  const each = Number(volumes ?? '1');
  if (Number(instances) < 1 || each < 1 || each > 26)
    throw new RangeError('a fleet has at least one instance, each with 1 to 26 volumes');
  return fleet(Number(instances), each);
};
