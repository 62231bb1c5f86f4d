import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const consoleDir = join(root, 'packages/console');
const stampFile = join(consoleDir, 'dist', '.built-from');
const SOURCES = ['packages/console', 'packages/contract/src', 'packages/core/src'];

/** Builds the web console unless its files are those of the present sources. */
export async function buildConsole(): Promise<void> {
  const stamp = sourcesHash();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  process.stderr.write('Building the web console (once)…\n');
  const { build } = await import('vite');
  await build({ root: consoleDir, configFile: join(consoleDir, 'vite.config.ts'), logLevel: 'error' });
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
