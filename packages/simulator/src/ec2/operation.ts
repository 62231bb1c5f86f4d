import type { Call, Reply } from '../wire/call.ts';

/** One EC2 action: what it needs, whose permission it asks, and what it does. */
export type Operation = {
  /** Parameters without which the request is refused with MissingParameter. */
  readonly required?: readonly string[];
  /** Parameters that hold ids of existing things: checked for form, permission and existence, in this order. */
  readonly targets?: readonly string[];
  /** Resource types it makes, for permission on `snapshot/*` and the like and for its TagSpecifications. */
  readonly makes?: readonly string[];
  /** What else the caller must be allowed; throws UnauthorizedOperation. */
  readonly demands?: (call: Call) => void;
  /** For actions with a ClientToken: what a repetition is told, given the first reply. */
  readonly repeat?: (call: Call, first: Reply) => Reply;
  readonly run: (call: Call) => Reply;
};

export type Operations = Readonly<Record<string, Operation>>;
