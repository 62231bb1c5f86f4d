import { overall, standingAt } from '../ssm/invocation.ts';
import type { Region } from '../state/world.ts';

const iso = (at: number | undefined): string | undefined =>
  at === undefined || !Number.isFinite(at) ? undefined : new Date(at).toISOString();

/** Every command that was sent in a region, with where it stands on each instance. */
export const commandRows = (region: Region, now: number) =>
  [...region.commands.values()].map((thing) => ({
    type: 'ssm-command',
    thing,
    state: overall(thing.invocations, now),
    document: thing.document,
    comment: thing.comment,
    parameters: Object.fromEntries(thing.parameters),
    invocations: thing.invocations.map((one) => {
      const { status, details, exitCode, startedAt, endedAt } = standingAt(one, now);
      return {
        instanceId: one.instanceId,
        status,
        details,
        exitCode,
        startedAt: iso(startedAt),
        endedAt: iso(endedAt),
        cancelledAt: iso(one.cancelAt),
      };
    }),
  }));

/** Every KMS key of a region. */
export const keyRows = (region: Region, now: number): Readonly<Record<string, unknown>>[] =>
  [...region.kmsKeys.values()].map((key) => ({
    type: 'kms-key',
    id: key.id,
    region: region.name,
    account: key.ownerId,
    state: key.deletionAt !== undefined && key.deletionAt <= now ? 'deleted' : key.state,
    arn: key.arn,
    aliases: key.aliases,
    allowedAccounts: [...key.allowedAccounts],
    awsManaged: key.awsManaged,
    createdAt: iso(key.createdAt),
    deletionAt: iso(key.deletionAt),
  }));
