import type { Thing } from '../state/records.ts';
import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { applyFilters, type FilterTable } from './filters.ts';
import { checkForm, notFound, type Kind } from './kinds.ts';
import { page, refuseNamed, type Page } from './paging.ts';

type Listing<T> = {
  /** Everything that may be shown to the caller. */
  readonly things: readonly T[];
  readonly kind: Kind;
  readonly idParameter: string;
  /** The id list's name in AWS's message about paging. */
  readonly wireName: string;
  readonly filters: FilterTable<T>;
  /** Ids of things that exist but are not shown: left out instead of refused. */
  readonly silent?: (id: string) => boolean;
};

const named = <T extends Thing>(call: Call, listing: Listing<T>): readonly T[] => {
  const ids = call.params.texts(listing.idParameter);
  const { idsPerCall } = call.world.settings.limits;
  if (ids.length > idsPerCall)
    throw awsError('InvalidParameterValue', `The maximum number of ids in one request is ${idsPerCall}.`);
  if (ids.length === 0) return listing.things;
  for (const id of ids) checkForm(listing.kind, id, listing.idParameter);
  const byId = new Map(listing.things.map((thing) => [thing.id, thing]));
  for (const id of ids) {
    if (!byId.has(id) && listing.silent?.(id) !== true) throw notFound(listing.kind, id);
  }
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
};

/** The named things (all without names) that meet the filters, one page of them. One unknown id refuses the whole request. */
export const describeThings = <T extends Thing>(call: Call, listing: Listing<T>): Page<T> => {
  const rules = { ids: { parameter: listing.idParameter, wireName: listing.wireName } };
  refuseNamed(call, rules);
  return page(call, applyFilters(call, named(call, listing), listing.filters), rules);
};
