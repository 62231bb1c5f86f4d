import { buildConsole } from './build-console.ts';
import { loadServer } from './build-server.ts';

/** Who may not write here still gets the server: with the console that was built before or none, and from its sources. */
function explain(what: string, error: unknown): void {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${what} was not built anew: ${why}\n`);
}

async function serverToRun() {
  try {
    return await loadServer();
  } catch (error) {
    explain('The server', error);
    return import('@cpm/server');
  }
}

const argv = process.argv.slice(2);
try {
  if (!argv.includes('--help')) buildConsole();
} catch (error) {
  explain('The web console', error);
}
const { run } = await serverToRun();
await run(argv);
