/** Asks for each, so many at once at most; the answers stand in the order of what was asked. The first failure ends it. */
export async function inTurns<Asked, Answer>(
  all: readonly Asked[],
  mostAtOnce: number,
  ask: (one: Asked) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < all.length; start += mostAtOnce) {
    answers.push(...(await Promise.all(all.slice(start, start + mostAtOnce).map(ask))));
  }
  return answers;
}
