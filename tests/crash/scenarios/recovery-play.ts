import type { Backup, Recovery } from '@cpm/contract';
import type { BackupId } from '@cpm/core';
import { waitABit } from './looks.ts';
import type { Play, Scene } from './scenario.ts';

/** What is recovered from something backed up, and what must be there in the end. */
export type RecoveryWish<From> = {
  /** Decides what becomes of what was made; asked again while nothing was decided. */
  readonly settle?: (scene: Scene, recoveryId: string) => Promise<void>;
  readonly ask: (scene: Scene, from: From) => Promise<Recovery>;
  readonly objects: string;
  readonly made: string;
  /** Takes out of the way what the next play would stumble on. */
  readonly tidy: (scene: Scene, recovery: Recovery) => Promise<void>;
};

/** Asks for the recovery, again where the server was killed while it was asked and has nothing of it on record. */
export function playRecovery<From extends { readonly backup: Backup }>(
  scene: Scene,
  wish: RecoveryWish<From>,
  from: From,
): Play {
  const since = scene.clock.now();
  let asked: Promise<unknown> | null = null;
  let refusal: Error | null = null;
  const ask = async () => {
    await wish.ask(scene, from).catch((error: unknown) => {
      refusal = error instanceof Error ? error : new Error(String(error));
    });
    asked = null;
  };
  const decide = async (recoveryId: string) => {
    await wish.settle?.(scene, recoveryId).catch((error: unknown) => {
      refusal = error instanceof Error ? error : new Error(String(error));
    });
    asked = null;
  };
  /** The server may be killed under the request, or its answer wait for a call that is held. */
  const settled = async ({ id, settled: decision }: { readonly id: string; readonly settled: string | null }) => {
    if (wish.settle === undefined || decision === 'rolled-back') return true;
    if (decision === 'rolling-back') return false;
    asked ??= decide(id);
    await Promise.race([asked, waitABit()]);
    return false;
  };
  return {
    async isOver() {
      const made = await newestRecovery(scene, from.backup, since);
      if (made !== null && made.endedAt === null) return false;
      if (made !== null) return settled(made);
      // The answer may wait for a call that is held.
      asked ??= ask();
      await Promise.race([asked, waitABit()]);
      return false;
    },
    async findFaults() {
      const made = await newestRecovery(scene, from.backup, since);
      if (made === null) return [`nothing was recovered: ${String(refusal)}`];
      const recovery = await scene.anna.call('GET /recoveries/:recoveryId', { params: { recoveryId: made.id } });
      const found = await madeBy(scene, recovery);
      await wish.tidy(scene, recovery);
      const objects = recovery.objects.map(({ kind, state }) => `${kind} ${state}`).join(', ');
      const { status, reasons } = recovery;
      return [
        ...(status === 'successful' ? [] : [`the recovery is ${status}: ${reasons.join('; ')}`]),
        ...(objects === wish.objects ? [] : [`the recovery lists ${objects}`]),
        ...(found === wish.made ? [] : [`the recovery made ${found}`]),
      ];
    },
  };
}

async function newestRecovery({ db }: Scene, { id }: Backup, since: number) {
  const found = await db
    .selectFrom('recoveries')
    .select(['id', 'started_at as startedAt', 'ended_at as endedAt', 'settled'])
    .where('backup_id', '=', id as BackupId)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return found === undefined || found.startedAt < since ? null : found;
}

/** What exists in AWS of a recovery, in words. */
async function madeBy({ aws }: Scene, { id }: Recovery): Promise<string> {
  const things = (await aws.things()).filter(
    ({ type, tags }) => tags['cpm:recovery'] === id && type !== 'network-interface',
  );
  const isOfInstance = things.some(({ type }) => type === 'instance');
  return things
    .map(({ type, attachments = [] }) =>
      type === 'volume' && !isOfInstance ? `volume at ${attachments[0]?.device ?? 'nothing'}` : type,
    )
    .toSorted((a, b) => a.localeCompare(b))
    .join(', ');
}

/** Wishes that all that a recovery made is taken away again. */
export async function rollBackAll({ anna }: Scene, recoveryId: string): Promise<void> {
  const { rollBack: offer } = await anna.call('GET /recoveries/:recoveryId', { params: { recoveryId } });
  if (offer.state !== 'offered' && offer.state !== 'failed') return;
  const body = { confirmObjects: offer.objects.length };
  await anna.call('POST /recoveries/:recoveryId/roll-back', { params: { recoveryId }, body });
}
