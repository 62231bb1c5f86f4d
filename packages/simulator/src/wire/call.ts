import type { Caller } from '../iam/caller.ts';
import type { Made } from '../state/records.ts';
import type { Region, World } from '../state/world.ts';
import type { Params } from './params.ts';
import type { Wire } from './xml.ts';

/** One authenticated request on its way to its operation. */
export type Call = {
  readonly world: World;
  readonly service: string;
  readonly action: string;
  readonly params: Params;
  readonly region: Region;
  readonly caller: Caller;
  readonly accountId: string;
  readonly requestId: string;
  /** The moment the request sees: the clock's, or an older one for a read that a fault makes stale. */
  readonly now: number;
  /** Things made after this moment are not found yet (eventual consistency). */
  readonly readAt: number;
  /** Set by a fault: what this call makes ends in `error` with this message. */
  readonly failWith: string | undefined;
};

export type Reply = { readonly [name: string]: Wire };

/** Who and what is behind a change, for the inventory. */
export const madeBy = (call: Call): Made => ({
  account: call.accountId,
  accessKey: call.caller.credential.accessKeyId,
  principal: call.caller.arn,
  action: call.action,
  requestId: call.requestId,
  at: call.now,
});

/** The parts common to everything a call makes. */
export const newThing = (call: Call, id: string, tags: ReadonlyMap<string, string> = new Map()) => ({
  id,
  seq: call.world.ids.seq(),
  ownerId: call.accountId,
  createdAt: call.now,
  madeBy: madeBy(call),
  tags: new Map(tags),
  deletedAt: undefined,
  deletedBy: undefined,
});
