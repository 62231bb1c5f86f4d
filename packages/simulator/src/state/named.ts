import { existsAt } from './lifecycle.ts';
import type { Thing } from './records.ts';

/** Things under names that their account chose: a name is free again once its thing is gone, which stays for the inventory. */
export type Named<T extends Thing> = Map<string, T>;

const keyOf = (accountId: string, id: string): string => `${accountId}/${id}`;

/** Keeps a thing under its name; an older one of the same name moves aside. */
export const keepNamed = <T extends Thing>(things: Named<T>, thing: T): T => {
  const key = keyOf(thing.ownerId, thing.id);
  const older = things.get(key);
  if (older !== undefined) {
    things.delete(key);
    things.set(`${key}#${older.seq}`, older);
  }
  things.set(key, thing);
  return thing;
};

/** The account's thing of this name that exists at the moment, if any. */
export const lookNamed = <T extends Thing>(
  things: Named<T>,
  wish: { readonly accountId: string; readonly id: string; readonly at: number },
): T | undefined => {
  const thing = things.get(keyOf(wish.accountId, wish.id.toLowerCase()));
  return thing !== undefined && existsAt(thing, wish.at) ? thing : undefined;
};

/** Everything of an account that exists at the moment, in the order of making. */
export const ownNamed = <T extends Thing>(things: Named<T>, accountId: string, at: number): T[] =>
  [...things.values()]
    .filter((thing) => thing.ownerId === accountId && existsAt(thing, at))
    .toSorted((a, b) => a.seq - b.seq);
