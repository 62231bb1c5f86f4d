import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

export type Build = {
  /** What is built, for the person who waits. */
  readonly what: string;
  /** Where it goes, from the root. */
  readonly folder: string;
  /** The folders and files it is made of, from the root. */
  readonly sources: readonly string[];
  /** The bundler's program with its arguments, from the root. */
  readonly program: readonly string[];
  /** Where the bundler runs, from the root. */
  readonly cwd: string;
};

/** Builds unless what is there was made of the present sources. Throws when the bundler fails or may not write. */
export function buildOnce({ what, folder, sources, program, cwd }: Build): void {
  const stampFile = join(root, folder, '.built-from');
  const stamp = hashOf(sources);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  process.stderr.write(`Building ${what} (once)…\n`);
  const [file = '', ...args] = program;
  // In a process of its own: the bundler's memory must not stay with the server.
  const { status } = spawnSync(process.execPath, [join(root, file), ...args], {
    cwd: join(root, cwd),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${what} could not be built.`);
  writeFileSync(stampFile, stamp);
}

/** Changes whenever a file that something is built of does. */
function hashOf(sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const source of sources)
    for (const file of filesOf(join(root, source))) {
      hash.update(`${file.slice(root.length)} ${statSync(file).size}\n`).update(readFileSync(file));
    }
  return hash.digest('hex');
}

function filesOf(source: string): string[] {
  if (statSync(source).isFile()) return [source];
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !/[/\\](dist|node_modules)[/\\]/.test(file));
}
