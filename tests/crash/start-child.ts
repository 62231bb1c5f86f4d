// A server as far as it starts a script: it kills itself at an instant of that start.
import { setTimeout as delay } from 'node:timers/promises';
import { holdStart } from '../../packages/server/src/scripts/held-start.ts';
import { createNamedPipes } from '../../packages/server/src/scripts/named-pipes.ts';
import { startScript } from '../../packages/server/src/scripts/start-script.ts';
import { createStartMarks } from '../../packages/server/src/scripts/start-marks.ts';
import type { ScriptAccount } from '../../packages/server/src/scripts/script-account.ts';
import { dieAtStart, killerIn, type DeathAtStart } from './support/killer.ts';

export type StartInput = {
  readonly dataDir: string;
  readonly file: string;
  readonly runId: string;
  readonly account: ScriptAccount | null;
  readonly dies: DeathAtStart;
  /** Held back first; then `dies` is counted from the moment it is let go, and `before` means while it is held. */
  readonly isHeld: boolean;
};

const { dataDir, file, runId, account, dies, isHeld } = JSON.parse(process.argv[2] ?? '') as StartInput;
const parts = { account, marks: createStartMarks(dataDir), marksItself: true };
const facts = { CPM_STEP: 'after' } as const;
const script = {
  file,
  argument: '1',
  timeoutMs: 60_000,
  collectErrorOutput: false,
  runId,
  facts,
  isMarked: true,
} as const;
if (isHeld) {
  const held = holdStart(parts, script, null, await createNamedPipes().take());
  // Its process waits by now.
  await delay(100);
  if (typeof dies !== 'number') process.kill(process.pid, 'SIGKILL');
  else {
    const arm = await killerIn(dies);
    arm();
    held?.letGo();
  }
} else {
  await dieAtStart('CPM_STEP=after', 1, dies);
  startScript(parts, script, null);
}
