export type RecoveryStep = {
  readonly text: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
};

/**
 * The steps of a recovery as a person follows them: those before the present one are done. `endedWell` is null while it runs;
 * of one that ended badly the step it ended in has failed, and what came after was never begun.
 */
export function showSteps(
  texts: readonly string[],
  present: number,
  endedWell: boolean | null,
): readonly RecoveryStep[] {
  return texts.map((text, index) => {
    if (endedWell === true || index < present) return { text, state: 'done' };
    if (index > present) return { text, state: 'waiting' };
    return { text, state: endedWell === null ? 'running' : 'failed' };
  });
}

/** How far a recovery is, from 0 to 100, as its steps tell it. */
export const percentOfSteps = (count: number, present: number): number =>
  count === 0 ? 0 : Math.min(100, Math.round((present / count) * 100));
