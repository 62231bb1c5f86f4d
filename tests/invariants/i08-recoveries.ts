import type { Seen, Truth } from './truth.ts';

/** I8: everything that a recovery made is listed in its record; the volumes of a listed instance belong to it. */
export function findUnlisted({ ours, objects }: Truth): string[] {
  const listed = new Set(objects.map(({ awsId, recoveryId }) => `${recoveryId} ${awsId}`));
  const made = ours.filter(({ tags }) => tags['cpm:recovery'] !== undefined && tags['cpm:attempt'] === undefined);
  const isListed = ({ id, tags, attachments = [] }: Seen) =>
    [id, ...attachments.map(({ instanceId }) => instanceId)].some((each) =>
      listed.has(`${tags['cpm:recovery']} ${each}`),
    );
  const living = new Set(ours.map(({ id }) => id));
  return [
    ...made.filter((thing) => !isListed(thing)).map(({ id }) => `I8: ${id} is in no record of its recovery`),
    ...objects
      .filter(({ state, awsId }) => state === 'kept' && !living.has(awsId ?? ''))
      .map(({ awsId }) => `I8: ${awsId} is listed as kept and does not exist`),
    ...objects
      .filter(({ state, awsId }) => state === 'removed' && living.has(awsId ?? ''))
      .map(({ awsId }) => `I8: ${awsId} is listed as removed and exists`),
  ];
}
