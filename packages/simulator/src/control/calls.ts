/** One AWS request as it arrived and how it was answered. */
export type CallRecord = {
  /** Arrival in epoch milliseconds of the machine's own clock, with fractions. */
  readonly arrivedAtMs: number;
  /** Arrival on the simulator's clock. */
  readonly simulatedAtMs: number;
  readonly durationMs: number;
  readonly service: string;
  readonly action: string;
  readonly account: string;
  readonly accessKey: string;
  readonly region: string;
  /** `OK`, an AWS error code, or `Dropped` when the connection was cut instead of answering. */
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly faults: readonly string[];
};

type Tally = {
  count: number;
  codes: Record<string, number>;
  accounts: Record<string, number>;
  regions: Record<string, number>;
};

const bump = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** Counts per `service:Action`, each with its result codes, accounts and regions. */
export const tallyCalls = (calls: readonly CallRecord[]): Readonly<Record<string, Tally>> => {
  const tallies: Record<string, Tally> = {};
  for (const call of calls) {
    const name = `${call.service}:${call.action}`;
    const tally = (tallies[name] ??= { count: 0, codes: {}, accounts: {}, regions: {} });
    tally.count += 1;
    bump(tally.codes, call.code);
    bump(tally.accounts, call.account);
    bump(tally.regions, call.region);
  }
  return tallies;
};

const wanted = (call: CallRecord, query: URLSearchParams): boolean =>
  (['service', 'action', 'account', 'region', 'code', 'accessKey'] as const).every((name) => {
    const value = query.get(name);
    return value === null || value === call[name];
  });

/** The answer of `/_simulator/calls`, narrowed by its query. */
export const reportCalls = (
  calls: readonly CallRecord[],
  query: URLSearchParams,
): Readonly<Record<string, unknown>> => {
  const matching = calls.filter((call) => wanted(call, query));
  const bare = query.get('list') === 'no';
  return { total: matching.length, byAction: tallyCalls(matching), ...(bare ? {} : { calls: matching }) };
};
