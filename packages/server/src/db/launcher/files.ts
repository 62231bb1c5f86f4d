import { lchown, lstat, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Who owns files and runs processes, by number. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** Whether something is there, links followed. */
export const exists = async (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/** Gives a directory and all in it to `owner`, links not followed; does nothing where the directory already is theirs. */
export const giveTo = async (dir: string, owner: Identity): Promise<void> => {
  const { uid } = await lstat(dir);
  if (uid === owner.uid) return;
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    await lchown(path.join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
  // Last, so that an interrupted change is begun again.
  await lchown(dir, owner.uid, owner.gid);
};

/** Makes a rename or a new file in `dir` survive a power cut. */
export const syncDirectory = async (dir: string): Promise<void> => {
  const opened = await open(dir, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
};
