import type { Backup } from '@cpm/contract';
import { readPageSearch, readText, readWord, type PageSearch } from '../../ui/page-search.ts';

export const STATUSES = [
  'in-progress',
  'successful',
  'partial',
  'failed',
] as const satisfies readonly Backup['status'][];
export const RANGES = ['24h', '7d', '30d'] as const;
const SORT_KEYS = ['startedAt', 'endedAt', 'policy', 'account', 'status'] as const;
type SortKey = (typeof SORT_KEYS)[number];
const SORTS = SORT_KEYS.flatMap((key) => [key, `-${key}`] as const) satisfies readonly (SortKey | `-${SortKey}`)[];

/** What the Backup Monitor shows, as its address says it. */
export type MonitorSearch = PageSearch & {
  readonly policyId?: string | undefined;
  readonly status?: (typeof STATUSES)[number] | undefined;
  /** A stretch that ends now; `from` and `to` are read where it is absent. */
  readonly range?: (typeof RANGES)[number] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly sort?: (typeof SORTS)[number] | undefined;
  /** Also the records of backups that retention or a deletion has removed. */
  readonly deleted?: boolean | undefined;
};

export const DEFAULT_SORT = '-startedAt';

/** Reads the address of the Backup Monitor; what makes no sense is left out. */
export function readMonitorSearch(raw: Record<string, unknown>): MonitorSearch {
  return {
    ...readPageSearch(raw),
    policyId: readText(raw['policyId']),
    status: readWord(raw['status'], STATUSES),
    range: readWord(raw['range'], RANGES),
    from: readInstant(raw['from']),
    to: readInstant(raw['to']),
    sort: readWord(raw['sort'], SORTS),
    deleted: raw['deleted'] === true ? true : undefined,
  };
}

/** Whether anything narrows the list down. */
export function isFiltered({ policyId, status, range, from, to }: MonitorSearch): boolean {
  return [policyId, status, range, from, to].some((part) => part !== undefined);
}

const RANGE_HOURS: Record<(typeof RANGES)[number], number> = { '24h': 24, '7d': 168, '30d': 720 };

/** When a stretch that ends now began, in ISO form. */
export function fromOfRange(range: (typeof RANGES)[number], nowMs: number): string {
  return new Date(nowMs - RANGE_HOURS[range] * 3_600_000).toISOString();
}

function readInstant(raw: unknown): string | undefined {
  const at = typeof raw === 'string' ? Date.parse(raw) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
