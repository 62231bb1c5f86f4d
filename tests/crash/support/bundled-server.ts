import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const SOURCE = fileURLToPath(new URL('server-child.ts', import.meta.url));
/** Where a bundle is that another process has made; its compiled code is kept beside it. */
const VARIABLE = 'CPM_CRASH_SERVER';

/** The server as one file, as the product is built: it is started hundreds of times, and so in half the time. */
export async function bundleServer(): Promise<{ readonly dir: string; readonly remove: () => Promise<void> }> {
  const given = process.env[VARIABLE];
  if (given !== undefined) return { dir: given, remove: async () => undefined };
  const dir = await mkdtemp(join(tmpdir(), 'cpm-crash-server-'));
  const build = await rolldown({ input: SOURCE, platform: 'node', logLevel: 'silent' });
  await build.write({ dir, entryFileNames: SERVER_FILE, format: 'esm' });
  await build.close();
  process.env[VARIABLE] = dir;
  const remove = async () => {
    delete process.env[VARIABLE];
    await rm(dir, { recursive: true, force: true });
  };
  return { dir, remove };
}

export const SERVER_FILE = 'server.mjs';
