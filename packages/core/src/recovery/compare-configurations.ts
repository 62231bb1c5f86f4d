export type ComparisonVerdict = 'same' | 'as-asked' | 'different' | 'unknown';

/** One field of an original beside what was made of it. */
export type ComparedField = {
  readonly field: string;
  readonly original: string;
  readonly recovered: string;
  readonly verdict: ComparisonVerdict;
};

/** What a recovery was asked for, as it is recorded. */
export type AskedInputs = Readonly<Record<string, unknown>>;

/** A field of a configuration: how it is told in words, and which inputs ask for another value. */
export type FieldSpec<Configuration> = {
  readonly field: string;
  /** Null where nobody recorded it. */
  readonly of: (configuration: Configuration) => string | null;
  /** What the inputs ask for, in the same words; undefined where they leave it as it was. */
  readonly wish?: (inputs: AskedInputs) => string | undefined;
  /** Inputs that change it along with what they ask for: another subnet brings another network. */
  readonly follows?: readonly string[];
};

/** What is shown where there is nothing. */
const NONE = 'none';

/** Compares field by field; what the wish asked for and has now is `as-asked`, whatever else is not alike is `different`. */
export function compareFields<Configuration>(
  specs: readonly FieldSpec<Configuration>[],
  { original, recovered }: { readonly original: Configuration; readonly recovered: Configuration },
  inputs: AskedInputs,
): ComparedField[] {
  return specs.map(({ field, of, wish, follows = [] }) => {
    const [before, now] = [of(original), of(recovered)];
    const wished = wish?.(inputs);
    const follow = follows.some((name) => inputs[name] !== undefined);
    return { field, original: before ?? '', recovered: now ?? '', verdict: judge({ before, now, wished, follow }) };
  });
}

type Judged = {
  readonly before: string | null;
  readonly now: string | null;
  readonly wished: string | undefined;
  readonly follow: boolean;
};

function judge({ before, now, wished, follow }: Judged): ComparisonVerdict {
  if (now === null) return 'unknown';
  if (wished !== undefined && now !== wished) return follow ? 'as-asked' : 'different';
  if (now === before) return 'same';
  if (wished !== undefined || follow) return 'as-asked';
  return before === null ? 'unknown' : 'different';
}

/** A value in the words of a comparison. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return NONE;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? NONE : value.map(inWords).toSorted(byName).join(', ');
  const entries = Object.entries(value).toSorted(([a], [b]) => byName(a, b));
  return entries.length === 0 ? NONE : entries.map(([name, each]) => `${name} ${inWords(each)}`).join(', ');
}

/** Tags in words; those of CPM and AWS itself belong to the one thing that bears them. */
export const tagsInWords = (tags: readonly { readonly key: string; readonly value: string }[]): string =>
  inWords(tags.filter(({ key }) => !/^(?:cpm|aws):/.test(key)).map(({ key, value }) => `${key}=${value}`));

/** The wish for one input, in the words of the field that it asks for. */
export const wishFor =
  (name: string, words: (value: unknown) => string = inWords) =>
  (inputs: AskedInputs): string | undefined =>
    inputs[name] === undefined ? undefined : words(inputs[name]);

const byName = (one: string, other: string): number => one.localeCompare(other);
