import { fitsFilter, hasWildcard } from './wildcards.ts';
import type { Thing } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';

type Fact = string | number | boolean | Date | undefined;

/** What each filter of a Describe action looks at. */
export type FilterTable<T> = Readonly<Record<string, (thing: T, call: Call) => Fact | readonly Fact[]>>;

type Filter = { readonly name: string; readonly values: readonly string[] };

const readFilters = (call: Call): Filter[] => {
  const filters = call.params.structs('Filter').map((filter) => ({
    name: filter.text('Name') ?? '',
    values: filter.texts('Value'),
  }));
  if (filters.some(({ name }) => name === '')) throw awsError('InvalidParameterValue', "The filter 'null' is invalid");
  const total = filters.reduce((sum, { values }) => sum + values.length, 0);
  const { filterValues } = call.world.settings.limits;
  if (total > filterValues) {
    throw awsError(
      'FilterLimitExceeded',
      `The maximum number of filter values specified on a single call is ${filterValues}`,
    );
  }
  return filters;
};

const factTexts = (fact: Fact | readonly Fact[]): string[] => {
  const list = Array.isArray(fact) ? (fact as readonly Fact[]) : [fact as Fact];
  return list.filter((one) => one !== undefined).map((one) => (one instanceof Date ? one.toISOString() : String(one)));
};

// What an account wrote on a thing that it shares is its own affair: others neither see nor find it.
const shownTags = (call: Call, { tags, ownerId }: Partial<Thing>): ReadonlyMap<string, string> | undefined =>
  tags !== undefined && ownerId !== undefined && ownerId !== call.accountId ? new Map() : tags;

const tagFacts = (filter: Filter, tags: ReadonlyMap<string, string> | undefined): string[] | undefined => {
  if (tags === undefined) return undefined;
  if (filter.name === 'tag-key') return [...tags.keys()];
  if (filter.name === 'tag-value') return [...tags.values()];
  if (!filter.name.startsWith('tag:')) return undefined;
  const value = tags.get(filter.name.slice('tag:'.length));
  return value === undefined ? [] : [value];
};

// Listings are long and most values are plain: those are looked up, only patterns are tried one by one.
const compile = <T>(call: Call, filter: Filter, table: FilterTable<T>): ((thing: T) => boolean) => {
  const exact = new Set(filter.values.filter((value) => !hasWildcard(value)));
  const patterns = filter.values.filter(hasWildcard);
  const fits = (fact: string): boolean => exact.has(fact) || patterns.some((pattern) => fitsFilter(pattern, fact));
  const read = table[filter.name];
  return (thing) => {
    const tags = tagFacts(filter, shownTags(call, thing as Partial<Thing>));
    if (tags !== undefined) return tags.some(fits);
    const fact = read?.(thing, call);
    return typeof fact === 'string' ? fits(fact) : factTexts(fact).some(fits);
  };
};

/** The things that meet every filter of the request. Throws InvalidParameterValue for a filter the action does not have. */
export const applyFilters = <T>(call: Call, things: readonly T[], table: FilterTable<T>): T[] => {
  const filters = readFilters(call);
  for (const { name } of filters) {
    const known =
      Object.hasOwn(table, name) ||
      (Object.hasOwn(table, 'tag-key') && (name.startsWith('tag:') || name === 'tag-value'));
    if (!known) throw awsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  }
  const tests = filters.map((filter) => compile(call, filter, table));
  return things.filter((thing) => tests.every((test) => test(thing)));
};

/** Filters that AWS has and that nothing here can meet. */
export const unmet = (...names: readonly string[]): FilterTable<unknown> =>
  Object.fromEntries(names.map((name) => [name, () => undefined]));

/** Marks a table whose things have tags: `tag:KEY`, `tag-key` and `tag-value` are read from the thing itself. */
export const tagFilters = { 'tag-key': () => undefined };
