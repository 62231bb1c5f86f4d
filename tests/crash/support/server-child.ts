// One whole server in a process of its own, to be killed: its clock is moved by lines on its standard input.
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { createLog, startServer, type Config } from '@cpm/server';
import { manualClock } from '../../../packages/server/src/clock.ts';
import { dieAtStart } from './killer.ts';

export type ServerChildInput = { readonly config: Config; readonly nowMs: number };

const { config, nowMs } = JSON.parse(process.env['CPM_TEST_CHILD'] ?? '') as ServerChildInput;
const clock = manualClock(nowMs);
const server = await startServer(config, createLog(config.logLevel, process.stderr), { clock });
// A process that is killed keeps nothing of what it has compiled.
flushCompileCache();
process.stdout.write(`ready ${server.port}\n`);

/**
 * "move 250" lets time go by. "die before 1" makes the first start of that step from now on the end of this process, "die before
 * 1 starting" the moment in which its process is there, "die before 1 2.5" the moment 2.5 ms after its start was begun.
 */
const orders: Readonly<Record<string, (...words: string[]) => Promise<void>>> = {
  async move(ms) {
    await clock.advance(Number(ms));
    process.stdout.write('moved\n');
  },
  async die(step, nth, when) {
    const isWord = when === 'before' || when === 'starting';
    await dieAtStart(`CPM_STEP=${step}`, Number(nth), isWord ? when : Number(when));
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
