// One whole server in a process of its own, to be killed: its clock is moved by lines on its standard input.
import { subscribe } from 'node:diagnostics_channel';
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { createLog, startServer, type Config } from '@cpm/server';
import { manualClock } from '../../../packages/server/src/clock.ts';

export type ServerChildInput = { readonly config: Config; readonly nowMs: number };

const { config, nowMs } = JSON.parse(process.env['CPM_TEST_CHILD'] ?? '') as ServerChildInput;
const clock = manualClock(nowMs);
const server = await startServer(config, createLog(config.logLevel, process.stderr), { clock });
// A process that is killed keeps nothing of what it has compiled.
flushCompileCache();
process.stdout.write(`ready ${server.port}\n`);

/** "move 250" lets time go by; "die before 1" makes the first start of that step from now on the end of this process. */
const orders: Readonly<Record<string, (...words: string[]) => Promise<void>>> = {
  async move(ms) {
    await clock.advance(Number(ms));
    process.stdout.write('moved\n');
  },
  async die(step, nth) {
    let left = Number(nth);
    subscribe('tracing:child_process.spawn:start', (message) => {
      const { options } = message as { readonly options: { readonly envPairs: readonly string[] } };
      if (!options.envPairs.includes(`CPM_STEP=${step}`)) return;
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    });
    process.stdout.write('armed\n');
  },
};

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [order = '', ...words] = line.split(' ');
  void orders[order]?.(...words);
});
// Whoever started it is gone.
lines.on('close', () => process.exit(1));
