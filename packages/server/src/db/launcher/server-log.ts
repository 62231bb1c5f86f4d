import { copyFile, mkdir, open, stat, truncate } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';

const LARGEST_BYTES = 5 * 1024 * 1024;
const LOOK_EVERY_MS = 60_000;

/** PostgreSQL's own messages: logs/postgres.log and the one before it, postgres.log.1. */
export interface ServerLog {
  readonly path: string;
  /** To be the standard error of a server: it goes on writing when CPM is gone. */
  readonly fd: number;
  readonly size: () => Promise<number>;
  /** The last lines written since the file had `offset` bytes. */
  readonly since: (offset: number) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Opens the log under `logsDir` and keeps each of its two files near 5 MiB. */
export const openServerLog = async (logsDir: string): Promise<ServerLog> => {
  await mkdir(logsDir, { recursive: true, mode: 0o700 });
  const file = path.join(logsDir, 'postgres.log');
  const handle = await open(file, 'a', 0o600);
  await rotate(file);
  const timer = setInterval(() => void rotate(file).catch(() => undefined), LOOK_EVERY_MS);
  timer.unref();
  return {
    path: file,
    fd: handle.fd,
    size: async () => (await handle.stat()).size,
    since: (offset) => readSince(file, offset),
    close: async () => {
      clearInterval(timer);
      await closeQuietly(handle);
    },
  };
};

/** Copied and emptied, not renamed: a running server holds the file open (for appending) and would follow a rename. */
const rotate = async (file: string): Promise<void> => {
  if ((await stat(file)).size <= LARGEST_BYTES) return;
  await copyFile(file, `${file}.1`);
  await truncate(file);
};

const readSince = async (file: string, offset: number): Promise<string> => {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const from = size < offset ? 0 : Math.max(offset, size - 4096);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(4096), position: from });
    return buffer.subarray(0, bytesRead).toString().trim();
  } finally {
    await handle.close();
  }
};

const closeQuietly = async (handle: FileHandle): Promise<void> => handle.close().catch(() => undefined);
