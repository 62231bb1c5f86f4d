import { expect, it } from 'vitest';
import { nextSwapMove } from './swap-root.ts';
import type { SwapMove, SwapScene } from './swap-root.ts';

const next = (scene: Partial<SwapScene>) =>
  nextSwapMove({ instance: 'stopped', wanted: 'free', other: 'attached', shallRun: true, ...scene });

it.each<[Partial<SwapScene>, SwapMove]>([
  [{ instance: 'running' }, 'stop'],
  [{ instance: 'pending' }, 'wait'],
  [{ instance: 'stopping' }, 'wait'],
  [{}, 'detach'],
  [{ other: 'detaching' }, 'wait'],
  [{ other: 'free' }, 'attach'],
  [{ other: 'gone' }, 'attach'],
  [{ other: 'free', wanted: 'making' }, 'wait'],
  [{ other: 'free', wanted: 'attaching' }, 'wait'],
  [{ other: 'free', wanted: 'attached' }, 'start'],
  [{ other: 'free', wanted: 'attached', instance: 'pending' }, 'wait'],
  [{ other: 'free', wanted: 'attached', instance: 'running' }, 'done'],
  // Putting the old root back does not start the instance, nor stop one that has it still.
  [{ other: 'free', wanted: 'attached', shallRun: false }, 'done'],
  [{ wanted: 'attached', instance: 'running', shallRun: false }, 'done'],
  [{ wanted: 'gone' }, 'no volume'],
  [{ instance: 'terminated' }, 'no instance'],
  [{ instance: 'shutting-down', wanted: 'attached' }, 'no instance'],
  [{ instance: null }, 'no instance'],
])('a swap that stands at %o goes on with: %s', (scene, move) => {
  expect(next(scene)).toBe(move);
});
