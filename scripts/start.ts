import { run } from '@cpm/server';
import { buildConsole } from './build-console.ts';

buildConsole();
await run(process.argv.slice(2));
