/** Which number of generations is tried, as the address says it; the policy's own when absent. */
export type RetentionSearch = { readonly generations?: number | undefined };

/** Reads the address of the retention preview; what makes no sense is left out. */
export function readRetentionSearch(raw: Record<string, unknown>): RetentionSearch {
  const generations = Number(raw['generations']);
  return { generations: Number.isInteger(generations) && generations >= 1 ? generations : undefined };
}
