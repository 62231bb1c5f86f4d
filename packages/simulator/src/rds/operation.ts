import type { Call, Reply } from '../wire/call.ts';
import type { kinds } from './kinds.ts';

export type KindName = keyof typeof kinds;

/** Which parameters hold names of which kinds. */
export type Subjects = Readonly<Record<string, KindName>>;

/** One RDS action: what it needs, whose permission it asks, and what it does. */
export type Operation = {
  /** Parameters without which the request is refused with MissingParameter. */
  readonly required?: readonly string[];
  /** Existing things it is about; one that is not named means all of its kind. */
  readonly on?: Subjects;
  /** What it makes; with Tags in the request the caller also needs rds:AddTagsToResource on it. */
  readonly makes?: Subjects;
  readonly run: (call: Call) => Reply | undefined;
};

export type Operations = Readonly<Record<string, Operation>>;
