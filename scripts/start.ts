import { run } from '@cpm/server';
import { buildConsole } from './build-console.ts';

const argv = process.argv.slice(2);
try {
  if (!argv.includes('--help')) buildConsole();
} catch (error) {
  // Who may not write here still gets the server: with the console that was built before, or the API alone.
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The web console was not built anew: ${why}\n`);
}
await run(argv);
