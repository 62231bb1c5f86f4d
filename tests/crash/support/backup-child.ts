// One whole server in a process of its own, to be killed: its clock is moved by lines on its standard input.
import { createInterface } from 'node:readline';
import { createLog, startServer, type Config } from '@cpm/server';
import { manualClock } from '../../../packages/server/src/clock.ts';

export type BackupChildInput = { readonly config: Config; readonly nowMs: number };

const { config, nowMs } = JSON.parse(process.env['CPM_TEST_CHILD'] ?? '') as BackupChildInput;
const clock = manualClock(nowMs);
const server = await startServer(config, createLog(config.logLevel, process.stderr), { clock });
process.stdout.write(`ready ${server.port}\n`);

const lines = createInterface({ input: process.stdin });
lines.on('line', (ms) => {
  void clock.advance(Number(ms)).then(() => process.stdout.write(`moved ${clock.now()}\n`));
});
// Whoever started it is gone.
lines.on('close', () => process.exit(1));
