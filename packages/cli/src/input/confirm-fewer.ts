import type { Policy } from '@cpm/contract';
import type { Surroundings } from '../surroundings.ts';
import { confirmOrStop } from '../terminal/ask.ts';
import { counted } from '../terminal/counted.ts';

/** Asks before generations are lowered so far that backups go; answers how many, undefined when none does. */
export async function confirmFewer(
  { api, io, global }: Pick<Surroundings, 'api' | 'io' | 'global'>,
  policy: Policy,
  generations: number | undefined,
): Promise<number | undefined> {
  if (generations === undefined || generations >= policy.generations) return undefined;
  const params = { policyId: policy.id };
  const { deletes } = await api('GET /policies/:policyId/retention', { params, query: { generations } });
  if (deletes.backups === 0) return undefined;
  const losses = `${counted(deletes.backups, 'backup')} with ${counted(deletes.snapshots, 'snapshot')}`;
  const what = `Keep ${generations} instead of ${policy.generations} generations of the policy ${policy.name}?`;
  await confirmOrStop(io, global, `${what} It deletes ${losses}.`);
  return deletes.backups;
}
