/** What the AWS edge needs of a clock; the server's own clock fits, moved by hand or not. */
export type EdgeClock = {
  /** Milliseconds from a fixed start that nobody can set back. */
  readonly monotonicMs: () => number;
  /** Calls `fire` once after so much time; answers how to take that back. */
  readonly after: (ms: number, fire: () => void) => () => void;
};

/** Resolves after so much time; rejects with the signal's reason when it aborts first. */
export function sleep(clock: EdgeClock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const aborted = () => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    });
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
