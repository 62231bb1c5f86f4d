import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** What Node's channel `tracing:child_process.spawn:start` tells of a process that is about to be started. */
export type Spawning = {
  readonly process: object;
  readonly options: {
    readonly args: readonly string[];
    readonly envPairs: readonly string[];
    readonly stdio: readonly { readonly fd?: number }[];
  };
};

/** The pipe by which a process is held back, as its parent knows it; null where it is not. */
export function heldBy({ args, stdio }: Spawning['options']): number | null {
  const [, at] = args.map((each) => /^\/proc\/self\/fd\/(\d+)$/.exec(each)).find((each) => each !== null) ?? [];
  return at === undefined ? null : (stdio[Number(at)]?.fd ?? null);
}

type LetGo = () => (() => void) | null;
const waiting = new Map<number, LetGo>();
let isWatching = false;

/** Calls `before` when the process behind that pipe is about to be let go, and what that answers right after it is. */
export function onLetGo(heldFd: number, before: LetGo): void {
  // The number of one that was never let go is given again, to another pipe.
  waiting.set(heldFd, before);
  if (isWatching) return;
  isWatching = true;
  const { openSync } = fs;
  fs.openSync = (...given) => {
    const [, fd] = /^\/proc\/self\/fd\/(\d+)$/.exec(String(given[0])) ?? [];
    const letGo = waiting.get(Number(fd));
    waiting.delete(Number(fd));
    const after = letGo?.();
    const opened = openSync(...given);
    after?.();
    return opened;
  };
  // Whoever imported it by its name gets this one from now on.
  syncBuiltinESMExports();
}
