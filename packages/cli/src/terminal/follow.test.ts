import { describe, expect, it } from 'vitest';
import { exitCodeOfOutcome } from './follow.ts';

describe('a command that waited for an outcome', () => {
  it.each([
    ['successful', 0],
    ['failed', 6],
    ['partial', 7],
    ['in-progress', 1],
    ['a-status-of-a-newer-server', 1],
    ['constructor', 1],
  ])('ends after %s with %i', (status, exitCode) => {
    expect(exitCodeOfOutcome(status)).toBe(exitCode);
  });
});
