import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const consoleDir = join(root, 'packages/console');
const stampFile = join(consoleDir, 'dist', '.built-from');
const SOURCES = ['packages/console', 'packages/contract/src', 'packages/core/src'];

/** Builds the web console unless its files are those of the present sources. */
export function buildConsole(): void {
  const stamp = sourcesHash();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  process.stderr.write('Building the web console (once)…\n');
  // In a process of its own: the bundler's memory must not stay with the server.
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: consoleDir,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The web console could not be built.');
  writeFileSync(stampFile, stamp);
}

/** Changes whenever a file that the console is built from does. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const folder of SOURCES) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (!entry.isFile() || /[/\\](dist|node_modules)[/\\]/.test(file)) continue;
      hash.update(`${file.slice(root.length)} ${statSync(file).size}\n`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}
