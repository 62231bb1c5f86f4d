import { statfs } from 'node:fs/promises';

const MIB = 2 ** 20;
/** Below this nobody may notice in time: it is told. */
export const LOW_BYTES = 1024 * MIB;
/** Below this nothing new is begun, so that what runs can be recorded to its end, and a recovery still can be. */
export const SHORT_BYTES = 256 * MIB;

export type DiskSpace = {
  /** What is free for this process (bytes); null where the file system does not tell. */
  readonly freeBytes: () => Promise<number | null>;
  /** Why no backup is begun, for its reader; null while there is room. */
  readonly shortage: () => Promise<string | null>;
};

/** Looks at the disk of the data directory, on which CPM's own PostgreSQL is as well (F18). Never throws. */
export function createDiskSpace(dataDir: string): DiskSpace {
  const freeBytes = async (): Promise<number | null> => {
    try {
      const { bavail, bsize } = await statfs(dataDir);
      return bavail * bsize;
    } catch {
      return null;
    }
  };
  const shortage = async (): Promise<string | null> => {
    const free = await freeBytes();
    if (free === null || free >= SHORT_BYTES) return null;
    return `it was not begun: the disk of this server has ${inMiB(free)} free, and below ${inMiB(SHORT_BYTES)} its records are not safe`;
  };
  return { freeBytes, shortage };
}

/** A size for people. */
export const inMiB = (bytes: number): string => `${Math.floor(bytes / MIB)} MiB`;
