import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type StartMarks = {
  /** Names the file of one try's mark: whoever makes it becomes the script. Nobody can before there is room for it. */
  readonly name: (runId: string) => string;
  readonly makeRoomFor: (mark: string) => void;
  /** Both: answers the mark. */
  readonly makeRoom: (runId: string) => string;
  /** For a script whose process did not make its mark itself; at once: nothing may come between its start and this. */
  readonly set: (runId: string) => void;
  /** Whether there is room for that mark and it was never made: nothing was started, and nobody has taken it away. */
  readonly isMissing: (mark: string) => boolean;
  /**
   * Whether a run of an earlier server was started. Where it was not, the room for its mark is taken away, so that it never
   * will be, also if its process is there and was only slow. `unknown`: nobody made room or a mark.
   */
  readonly settle: (runId: string) => 'started' | 'never' | 'unknown';
  readonly forget: (runId: string) => void;
};

const MARK = 'started';

/**
 * Marks on disk that a script was really started. The record of it is committed before the start, so that no crash starts it
 * twice; the mark tells, after a crash between the two, that it never was: an "after" must not be lost (I5). Each try has a
 * directory of its own, and the mark is a file in it: of making that file and removing the empty directory one succeeds.
 */
export function createStartMarks(dataDir: string): StartMarks {
  const directory = path.join(dataDir, 'script-runs');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const fileOf = (runId: string) => path.join(directory, runId);
  const roomsOf = (runId: string) =>
    readdirSync(directory)
      .filter((name) => name.startsWith(`${runId}.`))
      .map((name) => path.join(directory, name));
  const name = (runId: string) => path.join(`${fileOf(runId)}.${randomBytes(3).toString('hex')}`, MARK);
  const makeRoomFor = (mark: string) => {
    mkdirSync(path.dirname(mark), { mode: 0o700 });
  };
  return {
    name,
    makeRoomFor,
    makeRoom: (runId) => {
      const mark = name(runId);
      makeRoomFor(mark);
      return mark;
    },
    set: (runId) => writeFileSync(fileOf(runId), ''),
    isMissing: (mark) => !existsSync(mark) && existsSync(path.dirname(mark)),
    settle: (runId) => {
      const rooms = roomsOf(runId);
      // All of them: what is left of any try must not become the script later.
      const marked = rooms.filter((room) => !isTakenAway(room));
      if (marked.length > 0 || existsSync(fileOf(runId))) return 'started';
      return rooms.length > 0 ? 'never' : 'unknown';
    },
    // File by file: it is done between "before" and the snapshots, and removing whole directories takes milliseconds.
    forget: (runId) => {
      rmSync(fileOf(runId), { force: true });
      for (const room of roomsOf(runId)) {
        if (isTakenAway(room)) continue;
        rmSync(path.join(room, MARK), { force: true });
        isTakenAway(room);
      }
    },
  };
}

/** A directory that holds a mark cannot be removed. */
function isTakenAway(room: string): boolean {
  try {
    rmdirSync(room);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
