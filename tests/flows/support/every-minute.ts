/** How far long work is, for whoever waits: calls it when asked for the first time in a minute, with the whole minutes since the start. */
export function everyMinute(tell: (minutes: number) => void): () => void {
  const began = performance.now();
  let last = 0;
  return () => {
    const minutes = Math.floor((performance.now() - began) / 60_000);
    if (minutes > last) tell(minutes);
    last = minutes;
  };
}
