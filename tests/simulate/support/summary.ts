import type { Played } from '../seed-worker.ts';

type Circumstances = { readonly weeks: number; readonly realMs: number };

/** What a simulation found, for a person: figures, what was wrong, and how to see it again. */
export function summary(
  played: readonly Played[],
  { weeks, realMs }: Circumstances,
): { readonly text: string; readonly isClean: boolean } {
  const figures = new Map<string, number>();
  for (const each of played) {
    for (const [name, count] of Object.entries(each.figures)) figures.set(name, (figures.get(name) ?? 0) + count);
  }
  const total = (...words: string[]) =>
    [...figures].reduce((sum, [name, count]) => sum + (words.some((word) => name.startsWith(word)) ? count : 0), 0);
  const bad = [...new Set(played.filter(({ violations }) => violations.length > 0).map(({ seed }) => seed))];
  const bySeed = Map.groupBy(played, ({ seed }) => seed);
  const repeated = [...bySeed.values()].filter(({ length }) => length > 1);
  const unlike = repeated
    .filter((runs) => new Set(runs.map(({ hash }) => hash)).size > 1)
    .map(([run]) => run?.seed ?? 0);
  const violations = played.reduce((sum, each) => sum + each.violations.length, 0);
  const lines = [
    `${bySeed.size} seeds of ${weeks} weeks in ${(realMs / 1000).toFixed(0)} s (${((played.length * 1000) / realMs).toFixed(2)} runs a second)`,
    `${total('backup ')} backups, ${total('trouble: ')} troubles in AWS, ${total('restart', 'clock set')} restarts and clock changes, ${total('changed: ')} changes by people`,
    `${repeated.length} seeds played twice, ${unlike.length} with another trace`,
    `${violations} violations`,
    ...[...figures].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `  ${name}: ${count}`),
    ...[...bad, ...unlike].map((seed) => `again: npm run test:simulate -- --seed ${seed} --weeks ${weeks} --trace`),
  ];
  return { text: `${lines.join('\n')}\n`, isClean: bad.length + unlike.length === 0 };
}
