import type { ObjectRow } from './recovery-objects.store.ts';

/** What a recovery that could not be carried on leaves in AWS, in words; empty where it leaves nothing. */
export function whatRemains(objects: readonly ObjectRow[]): string[] {
  const made = objects.flatMap(({ awsId, state, role }) =>
    awsId !== null && state !== 'removed' && role === 'made' ? [awsId] : [],
  );
  const taken = objects.flatMap(({ awsId, takenFrom }) =>
    takenFrom === null
      ? []
      : [
          `${awsId} may be off its place, ${takenFrom.instanceId} at ${takenFrom.deviceName}: rolling back puts it back`,
        ],
  );
  return [...(made.length === 0 ? [] : [`in AWS remain ${made.join(', ')}`]), ...taken];
}
