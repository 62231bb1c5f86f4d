import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, realpathSync, rmSync, statfsSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MIB = 2 ** 20;
const CHUNK = Buffer.alloc(8 * MIB, 1);

/** A disk of its own, in memory. */
export type SmallDisk = {
  readonly directory: string;
  /** Takes up all but so much (MiB). */
  readonly fill: (leftMiB: number) => void;
  /** Makes files until there is room for none. */
  readonly fillWithFiles: () => void;
  /** Gives back what was taken up by `fill`. */
  readonly free: () => void;
  readonly remove: () => void;
};

/** Files and directories that fit on one, itself counted. */
const MOST_FILES = 4096;

const mount = (directory: string, sizeMiB: number): boolean => {
  const options = `size=${sizeMiB}m,nr_inodes=${MOST_FILES}`;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'cpm-test', directory]).status === 0;
};
const unmount = (directory: string) => spawnSync('umount', ['--lazy', directory]);

/** Mounts one; null where this user may not. */
export function mountSmallDisk(sizeMiB: number): SmallDisk | null {
  const directory = mkdtempSync(path.join(realpathSync(tmpdir()), 'cpm-disk-'));
  if (!mount(directory, sizeMiB)) {
    rmSync(directory, { recursive: true });
    return null;
  }
  chmodSync(directory, 0o755);
  const ballast = path.join(directory, 'ballast');
  return {
    directory,
    fill: (leftMiB) => {
      const { bavail, bsize } = statfsSync(directory);
      // Written in full: a file with holes takes no room. What finds none any more is cut off.
      untilFull(() => {
        for (let left = bavail * bsize - leftMiB * MIB; left > 0; left -= CHUNK.length)
          appendFileSync(ballast, CHUNK.subarray(0, left));
      });
    },
    fillWithFiles: () =>
      untilFull(() => {
        for (let n = 0; n < MOST_FILES; n += 1) appendFileSync(`${ballast}-${n}`, '');
      }),
    free: () => truncateSync(ballast),
    remove: () => {
      unmount(directory);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function untilFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** Whether this user may mount one: root outside of most containers. */
export const canMount: boolean = (() => {
  const disk = mountSmallDisk(1);
  disk?.remove();
  return disk !== null;
})();
