import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildOnce, root } from './build-once.ts';

const FOLDER = 'packages/server/dist';

/** Builds the server as it runs in production, unless its files are those of the present sources: a few files instead of some two thousand. */
export function buildServer(): void {
  buildOnce({
    what: 'the server',
    folder: FOLDER,
    sources: [
      'package-lock.json',
      'scripts/rolldown.config.ts',
      ...['core', 'contract', 'aws', 'server'].map((name) => `packages/${name}/src`),
    ],
    program: ['node_modules/rolldown/bin/cli.mjs', '--config', '../../scripts/rolldown.config.ts'],
    cwd: 'packages/server',
  });
}

/** The built server: it starts in a third of the time and needs 50 MiB less than its sources. */
export async function loadServer(): Promise<typeof import('@cpm/server')> {
  buildServer();
  return (await import(pathToFileURL(join(root, FOLDER, 'server.mjs')).href)) as typeof import('@cpm/server');
}
