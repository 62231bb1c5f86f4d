import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type StartMarks = {
  /** At once: nothing may come between a script's start and its mark. */
  readonly set: (runId: string) => void;
  readonly has: (runId: string) => boolean;
  readonly forget: (runId: string) => void;
};

/**
 * Marks on disk that a script was really started. The record of it is committed before the start, so that no crash starts it
 * twice; the mark tells, after a crash between the two, that it never was: an "after" must not be lost (I5).
 */
export function createStartMarks(dataDir: string): StartMarks {
  const directory = path.join(dataDir, 'script-runs');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const fileOf = (runId: string) => path.join(directory, runId);
  return {
    set: (runId) => writeFileSync(fileOf(runId), ''),
    has: (runId) => existsSync(fileOf(runId)),
    forget: (runId) => rmSync(fileOf(runId), { force: true }),
  };
}
