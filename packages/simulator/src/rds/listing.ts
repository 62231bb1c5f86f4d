import type { Call } from '../wire/call.ts';
import { awsError } from '../wire/errors.ts';
import { listOf, type Wire } from '../wire/xml.ts';
import { readName } from './kinds.ts';

/** What each filter of a listing looks at. */
export type Filters<T> = Readonly<Record<string, (thing: T) => string | undefined>>;

/** The things that meet every filter of the request; ids may be given as ARNs. Throws InvalidParameterValue for an unknown filter. */
export const applyFilters = <T>(call: Call, things: readonly T[], filters: Filters<T>): T[] => {
  const asked = call.params.structs('Filters.Filter').map((filter) => {
    const name = filter.text('Name') ?? '';
    const read = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (read === undefined) throw awsError('InvalidParameterValue', `Unrecognized filter name: ${name}`);
    const given = filter.texts('Values.Value');
    if (given.length === 0) throw awsError('InvalidParameterCombination', `The filter ${name} has no values.`);
    const values = new Set(name.endsWith('-id') ? given.map((value) => readName(call, value).id) : given);
    return { read, values };
  });
  return things.filter((thing) =>
    asked.every(({ read, values }) => {
      const fact = read(thing);
      return fact !== undefined && (values.has(fact) || values.has(fact.toLowerCase()));
    }),
  );
};

const markerFor = (seq: number): string => Buffer.from(`after:${seq}`).toString('base64url');

const seqOf = (marker: string): number => {
  const [, seq] = /^after:(\d+)$/.exec(Buffer.from(marker, 'base64url').toString()) ?? [];
  if (seq === undefined) throw awsError('InvalidParameterValue', 'Invalid or expired marker.');
  return Number(seq);
};

/** One page of a listing: MaxRecords of 20 to 100 and Marker in, Marker out while there is more. */
export const pageOf = <T extends { readonly seq: number }>(
  call: Call,
  things: readonly T[],
): { readonly shown: readonly T[]; readonly marker: string | undefined } => {
  const size = call.params.integer('MaxRecords') ?? 100;
  if (size < 20 || size > 100)
    throw awsError('InvalidParameterValue', `Invalid value ${size} for MaxRecords. Must be between 20 and 100`);
  const marker = call.params.text('Marker') ?? '';
  const after = marker === '' ? -1 : seqOf(marker);
  const rest = things.filter((thing) => thing.seq > after).toSorted((a, b) => a.seq - b.seq);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  return { shown, marker: shown.length < rest.length && last !== undefined ? markerFor(last.seq) : undefined };
};

/** A page written as a reply: `{ Marker, NAME: [ELEMENT…] }`. */
export const replyPage = <T extends { readonly seq: number }>(
  call: Call,
  things: readonly T[],
  wish: { readonly list: string; readonly element: string; readonly show: (thing: T) => Wire },
): { readonly [name: string]: Wire } => {
  const { shown, marker } = pageOf(call, things);
  return { Marker: marker, [wish.list]: listOf(wish.element, shown.map(wish.show)) };
};
