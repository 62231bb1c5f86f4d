import type { Client } from '@cpm/contract/client';
import type { Printer } from './terminal/print.ts';

/** The edges of the program: where it reads, where it writes, what it was told by the environment. */
export type Io = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
};

/** The options that every command takes. */
export type GlobalOptions = {
  readonly server?: string;
  readonly output: 'table' | 'json';
  readonly quiet: boolean;
  readonly yes: boolean;
};

/** What every command is given beside its own arguments and options. */
export type Surroundings = {
  readonly io: Io;
  readonly global: GlobalOptions;
  readonly print: Printer;
  /** Calls the API with the stored or given token; connects at the first call. */
  readonly api: Client;
};
