import type { Played } from '../seed-worker.ts';

/** What a simulation found, for a person: figures, what was wrong, and how to see it again. */
export function summary(
  played: readonly Played[],
  realMs: number,
): { readonly text: string; readonly isClean: boolean } {
  const figures = new Map<string, number>();
  for (const each of played) {
    for (const [name, count] of Object.entries(each.figures)) figures.set(name, (figures.get(name) ?? 0) + count);
  }
  const total = (...words: string[]) =>
    [...figures].reduce((sum, [name, count]) => sum + (words.some((word) => name.startsWith(word)) ? count : 0), 0);
  const bySeed = Map.groupBy(played, ({ seed, weeks }) => `${seed} --weeks ${weeks}`);
  const repeated = [...bySeed].filter(([, runs]) => runs.length > 1);
  const unlike = repeated.filter(([, runs]) => areUnlike(runs)).map(([seed]) => seed);
  const bad = [...bySeed].filter(([, runs]) => runs.some((run) => run.violations.length > 0)).map(([seed]) => seed);
  const violations = played.reduce((sum, each) => sum + each.violations.length, 0);
  const lines = [
    `${bySeed.size} seeds in ${(realMs / 1000).toFixed(0)} s (${((played.length * 1000) / realMs).toFixed(2)} runs a second)`,
    `${total('backup ')} backups, ${total('trouble: ')} troubles in AWS, ${total('restart', 'clock set')} restarts and clock changes, ${total('changed: ')} changes by people`,
    `${repeated.length} seeds played twice, ${unlike.length} with another trace`,
    `${violations} violations`,
    ...[...figures].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `  ${name}: ${count}`),
    ...new Set([...bad, ...unlike].map((seed) => `again: npm run test:simulate -- --seed ${seed} --trace`)),
  ];
  return { text: `${lines.join('\n')}\n`, isClean: bad.length + unlike.length === 0 };
}

/** Whether runs of one seed left different traces. */
export const areUnlike = (runs: readonly Played[]): boolean => new Set(runs.map(({ hash }) => hash)).size > 1;
