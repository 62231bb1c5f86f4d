import type { Played } from './matrix-child.ts';

const againOf = ({ scenario, point }: Played): string =>
  `npm run test:crash -- --scenario ${scenario}${point === null ? '' : ` --point "${point}"`}`;

/** One line for each thing that is wrong with a play, with the way to play it again; nothing where all is well. */
export function playedLines(played: Played): string {
  const { scenario, point, violations, isCovered } = played;
  const wrong = [...(isCovered ? [] : ['the point did not come up']), ...violations];
  return wrong.map((each) => `${scenario}, ${point ?? 'undisturbed'}: ${each}; again: ${againOf(played)}\n`).join('');
}

/** What the matrix found: for each scenario and in all, points covered of all points, and violations. */
export function matrixSummary(
  played: readonly Played[],
  realMs: number,
): { readonly text: string; readonly isClean: boolean } {
  const byScenario = [...Map.groupBy(played, ({ scenario }) => scenario)];
  const lines = byScenario.map(([scenario, own]) => `${scenario.padEnd(18)}${figuresOf(own)}`);
  const points = played.filter(({ point }) => point !== null);
  const isClean = played.every(({ isCovered, violations }) => isCovered && violations.length === 0);
  const rate = `${(realMs / 1000).toFixed(0)} s, ${(realMs / 1000 / Math.max(points.length, 1)).toFixed(2)} s a point`;
  return { text: `${[...lines, `${'total'.padEnd(18)}${figuresOf(played)}`, rate].join('\n')}\n`, isClean };
}

function figuresOf(played: readonly Played[]): string {
  const points = played.filter(({ point }) => point !== null);
  const covered = points.filter(({ isCovered }) => isCovered).length;
  const lost = points.filter(({ point }) => point?.endsWith('dropped') === true).length;
  const violations = played.reduce((sum, each) => sum + each.violations.length, 0);
  const parts = `${points.length - lost} kills, ${lost} lost answers`;
  return `${covered} / ${points.length} points covered (${parts}), ${violations} violations`;
}
