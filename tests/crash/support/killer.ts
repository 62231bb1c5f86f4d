import { subscribe } from 'node:diagnostics_channel';
import { Worker } from 'node:worker_threads';
import { heldBy, onLetGo, type Spawning } from '../../flows/support/held-processes.ts';

/** A second thread: the first stands still while it starts a process. It spins, because a timer is not that exact. */
const KILLER = `
  const { parentPort, workerData: { armed, afterMs } } = require('node:worker_threads');
  parentPort.postMessage('ready');
  Atomics.wait(armed, 0, 0);
  for (const end = performance.now() + afterMs; performance.now() < end;);
  process.kill(process.pid, 'SIGKILL');
`;

/** When: before there is a process, as soon as there is one, or so many milliseconds after the first of these. */
export type DeathAtStart = 'before' | 'starting' | number;

/**
 * Has this process kill itself when it starts the nth process from now on in whose environment that variable is. One that is
 * held back is started when it is let go.
 */
export async function dieAtStart(variable: string, nth: number, when: DeathAtStart): Promise<void> {
  const strikeBegun = when === 'before' ? killNow : typeof when === 'number' ? await killerIn(when) : () => undefined;
  let left = nth;
  const isStruck = () => {
    left -= 1;
    if (left === 0) strikeBegun();
    return left === 0;
  };
  let struck: object | undefined;
  subscribe('tracing:child_process.spawn:start', (message) => {
    const { process, options } = message as Spawning;
    if (!options.envPairs.includes(variable)) return;
    const heldFd = heldBy(options);
    if (heldFd !== null) onLetGo(heldFd, () => (isStruck() && when === 'starting' ? killNow : null));
    else if (isStruck()) struck = process;
  });
  subscribe('tracing:child_process.spawn:end', (message) => {
    if (when === 'starting' && (message as Spawning).process === struck) killNow();
  });
}

const killNow = () => void process.kill(process.pid, 'SIGKILL');

/** Answers, once it is ready, what kills this process so long after it is called. */
export async function killerIn(afterMs: number): Promise<() => void> {
  const armed = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(KILLER, { eval: true, workerData: { armed, afterMs } });
  await new Promise((resolve) => worker.once('message', resolve));
  return () => {
    Atomics.store(armed, 0, 1);
    Atomics.notify(armed, 0);
  };
}
