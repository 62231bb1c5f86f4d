import { isAwsError } from '../port/errors.ts';
import { chunksOf, NAMED_PAGE_SIZE } from './pages.ts';

type ByNames<Row> = {
  /** Asks for the rows of so many names by filter. */
  readonly read: (names: string[]) => Promise<readonly Row[]>;
  readonly nameOf: (row: Row) => string;
};

/**
 * The rows of those names, one call for every hundred; unknown names are absent. RDS answers an unknown name in a
 * filter with nothing, or with an error for the whole call: then the halves are asked, down to the name itself. What
 * was not asked for is dropped, should an endpoint not know the filter.
 */
export async function describeByNames<Row>(
  names: readonly string[],
  { read, nameOf }: ByNames<Row>,
): Promise<readonly Row[]> {
  // AWS keeps names in lower case.
  const wanted = new Set(names.filter((name) => name !== '').map((name) => name.toLowerCase()));
  const readSome = async (some: string[]): Promise<readonly Row[]> => {
    try {
      return await read(some);
    } catch (error) {
      if (!isAwsError(error) || error.class !== 'missing') throw error;
      if (some.length === 1) return [];
      const parts = await Promise.all(chunksOf(some, Math.ceil(some.length / 2)).map(readSome));
      return parts.flat();
    }
  };
  const parts = await Promise.all(chunksOf([...wanted], NAMED_PAGE_SIZE).map(readSome));
  return parts.flat().filter((row) => wanted.has(nameOf(row).toLowerCase()));
}
