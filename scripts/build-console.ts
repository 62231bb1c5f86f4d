import { buildOnce } from './build-once.ts';

/** Builds the web console unless its files are those of the present sources. */
export function buildConsole(): void {
  buildOnce({
    what: 'the web console',
    folder: 'packages/console/dist',
    sources: ['packages/console', 'packages/contract/src', 'packages/core/src'],
    program: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'],
    cwd: 'packages/console',
  });
}
