import type { EdgeClock } from '../clock.ts';
import { DEFAULT_PACING, type PacingSettings } from '../pacing-settings.ts';

/** How often and how patiently a call is tried again. */
export type RetrySettings = {
  /** Attempts in all after a passing failure of a call that may be repeated. */
  readonly attempts: number;
  /** Attempts in all while AWS refuses any call for its rate. */
  readonly throttledAttempts: number;
  /** The longest wait before the second attempt; it doubles each time (full jitter: a random part of it is waited). */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
};

export type ConnectionSettings = {
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxSockets: number;
  /** How long an unused connection is kept. */
  readonly idleMs: number;
};

export type EdgeSettings = {
  readonly pacing: PacingSettings;
  readonly retry: RetrySettings;
  readonly connection: ConnectionSettings;
  /** Clients kept, one for each account, region and service in use. */
  readonly maxClients: number;
};

export const DEFAULT_SETTINGS: EdgeSettings = {
  pacing: DEFAULT_PACING,
  retry: { attempts: 4, throttledAttempts: 8, firstWaitMs: 200, longestWaitMs: 5_000 },
  connection: { connectTimeoutMs: 5_000, requestTimeoutMs: 30_000, maxSockets: 256, idleMs: 55_000 },
  maxClients: 200,
};

/** A log in the manner of pino. */
export type EdgeLog = {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
};

/** One attempt at one call, for metrics and benchmarks; holds no secret and no tag. */
export type CallRecord = {
  readonly accountKey: string;
  readonly region: string;
  readonly service: string;
  readonly action: string;
  readonly attempt: number;
  readonly waitedMs: number;
  readonly tookMs: number;
  /** AWS's code of the failure; null when it worked. */
  readonly failure: string | null;
};

export type GatewayInput = {
  readonly clock: EdgeClock;
  readonly log: EdgeLog;
  /** Where everything goes instead of AWS: a simulator, a private endpoint. http or https, no path. */
  readonly endpointUrl?: string;
  readonly settings?: Partial<EdgeSettings>;
  readonly onCall?: (record: CallRecord) => void;
  /** 0 (included) to 1; replaced where a run must repeat exactly. */
  readonly random?: () => number;
};
