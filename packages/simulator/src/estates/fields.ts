import type { Place } from './founding.ts';

/** Parameters of a request; one without a value is not sent. */
export type Fields = (readonly [string, string | undefined])[];

/** A value as a request writes it. */
export const text = (value: number | boolean | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

/** The tags of a thing of EC2 as a tag specification. */
export const tagFields = (type: string, tags: Readonly<Record<string, string>> | undefined, at = 1): Fields => {
  const entries = Object.entries(tags ?? {});
  if (entries.length === 0) return [];
  const prefix = `TagSpecification.${at}`;
  return [
    [`${prefix}.ResourceType`, type],
    ...entries.flatMap(([key, value], index): Fields => [
      [`${prefix}.Tag.${index + 1}.Key`, key],
      [`${prefix}.Tag.${index + 1}.Value`, value],
    ]),
  ];
};

/** The account's thing that its `Name` tag means. Throws a RangeError when there is none. */
export const named = <T extends { readonly tags: ReadonlyMap<string, string>; readonly ownerId: string }>(
  place: Place,
  things: Iterable<T>,
  name: string,
  what: string,
): T => {
  const thing = [...things].find((one) => one.ownerId === place.account.id && one.tags.get('Name') === name);
  if (thing === undefined)
    throw new RangeError(`${place.region.name}: there is no ${what} named '${name}' in account ${place.account.id}`);
  return thing;
};

/** The ids of the account's security groups of these names. Throws a RangeError for one that is not there. */
export const securityGroupIds = ({ region, account }: Place, names: readonly string[] | undefined): readonly string[] =>
  (names ?? []).map((name) => {
    const group = [...region.securityGroups.values()].find((one) => one.ownerId === account.id && one.name === name);
    if (group === undefined) throw new RangeError(`there is no security group '${name}'`);
    return group.id;
  });
