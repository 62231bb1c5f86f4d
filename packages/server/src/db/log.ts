import type { Logger } from 'pino';

/** The part of the server's log the database code writes to. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;
