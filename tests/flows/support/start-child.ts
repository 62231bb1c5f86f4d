// The server as `npm start` runs it, without building the console first.
import { run } from '@cpm/server';

await run(process.argv.slice(2));
