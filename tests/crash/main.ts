// `npm run test:crash`: the server is killed before and after everything that the world sees of it, and loses every answer.
import { parseArgs } from 'node:util';
import { setup } from '../../packages/server/test-setup/global-postgres.ts';
import { everyMinute } from '../flows/support/every-minute.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { bundleServer } from './support/bundled-server.ts';
import type { Part, Played } from './support/matrix-child.ts';
import { playMatrix } from './support/play-matrix.ts';
import { parsePoint } from './support/points.ts';
import { matrixSummary, playedLines } from './support/matrix-summary.ts';

const HELP = `Usage: npm run test:crash -- [options]

Plays each scenario once undisturbed and notes every call to AWS and every start of a script. Then for each of these the
scenario is played again: the server is killed before it, killed after it, and loses the answer of the call; then it is
started, everything settles, and CPM's records are compared with the simulated AWS.

  --scenario NAME   this one alone
  --point POINT     of that scenario this point alone, as "ec2 CreateSnapshots 2 dropped" or "script after 1 before"
  --workers N       processes side by side (2)

Scenarios:
${SCENARIOS.map(({ name, story }) => `  ${name.padEnd(18)}${story}`).join('\n')}

Of a read's repeats the third stands for all that follow. Ends with 1 where a point was not covered or an invariant violated.
`;

type Wish = { readonly parts: readonly Part[]; readonly workers: number };

/** What is asked for; null for the help. Throws a TypeError that says what is wrong with it. */
function readWish(): Wish | null {
  const text = { type: 'string' } as const;
  const options = { scenario: text, point: text, workers: text, help: { type: 'boolean' } } as const;
  const { scenario, point, workers = '2', help } = parseArgs({ options }).values;
  if (help === true) return null;
  if (!/^[1-9]\d?$/.test(workers))
    throw new TypeError(`--workers must be a whole number from 1 to 99, not "${workers}"`);
  if (scenario !== undefined && !SCENARIOS.some(({ name }) => name === scenario))
    throw new TypeError(`there is no scenario "${scenario}"`);
  if (point !== undefined && scenario === undefined) throw new TypeError('--point needs --scenario');
  if (point !== undefined && parsePoint(point) === null)
    throw new TypeError(`"${point}" is no point: service, action, which one, and before, after or dropped`);
  const names = scenario === undefined ? SCENARIOS.map(({ name }) => name) : [scenario];
  return { parts: names.map((name) => ({ scenario: name, point: point ?? null })), workers: Number(workers) };
}

/** Rejects when somebody ends it: the database must not stay behind. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  });
}

async function play({ parts, workers }: Wish): Promise<boolean> {
  const began = performance.now();
  const ended = interruption();
  // It may come before anybody waits for it.
  ended.catch(() => undefined);
  const tearDown = await setup();
  const { remove } = await bundleServer();
  const played: Played[] = [];
  const tellProgress = everyMinute((minutes) => {
    const known = played.reduce((sum, each) => sum + each.points.length, 0);
    process.stderr.write(`${played.length} plays of ${known} known points in ${minutes} min\n`);
  });
  const onPlayed = (each: Played) => {
    played.push(each);
    process.stdout.write(playedLines(each));
    tellProgress();
  };
  try {
    await Promise.race([playMatrix({ parts, workers, onPlayed }), ended]);
  } finally {
    await remove();
    await tearDown();
  }
  const { text, isClean } = matrixSummary(played, performance.now() - began);
  process.stdout.write(text);
  return isClean;
}

try {
  const wish = readWish();
  if (wish === null) process.stdout.write(HELP);
  else if (!(await play(wish))) process.exitCode = 1;
} catch (error) {
  const isMistake = error instanceof TypeError;
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(isMistake ? `${error.message}; npm run test:crash -- --help says more\n` : `${reason}\n`);
  // Workers may still be at work.
  process.exit(isMistake ? 2 : 1);
}
