import type { Call, Reply } from '../wire/call.ts';

/** What a Redshift action is about, for permission. */
export type Subject = {
  readonly type: 'cluster' | 'snapshot' | 'subnetgroup' | 'parametergroup';
  readonly id: string;
  readonly tags?: ReadonlyMap<string, string> | undefined;
};

/** One Redshift action: what it needs, whose permission it asks, and what it does. */
export type Operation = {
  readonly required?: readonly string[];
  /** What permission is asked for; everything when left out. */
  readonly on?: (call: Call) => readonly Subject[];
  readonly run: (call: Call) => Reply | undefined;
};

export type Operations = Readonly<Record<string, Operation>>;
