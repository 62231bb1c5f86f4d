import { fitsFilter } from './wildcards.ts';
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

const tagFacts = (filter: Filter, thing: { readonly tags?: ReadonlyMap<string, string> }): string[] | undefined => {
  if (thing.tags === undefined) return undefined;
  if (filter.name === 'tag-key') return [...thing.tags.keys()];
  if (filter.name === 'tag-value') return [...thing.tags.values()];
  if (!filter.name.startsWith('tag:')) return undefined;
  const value = thing.tags.get(filter.name.slice('tag:'.length));
  return value === undefined ? [] : [value];
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
  return things.filter((thing) =>
    filters.every((filter) => {
      const facts = tagFacts(filter, thing as Partial<Thing>) ?? factTexts(table[filter.name]?.(thing, call));
      return filter.values.some((value) => facts.some((fact) => fitsFilter(value, fact)));
    }),
  );
};

/** Marks a table whose things have tags: `tag:KEY`, `tag-key` and `tag-value` are read from the thing itself. */
export const tagFilters = { 'tag-key': () => undefined };
