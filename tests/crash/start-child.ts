// A server as far as it starts a script: it kills itself at an instant of that start.
import { startScript } from '../../packages/server/src/scripts/start-script.ts';
import { createStartMarks } from '../../packages/server/src/scripts/start-marks.ts';
import type { ScriptAccount } from '../../packages/server/src/scripts/script-account.ts';
import { dieAtStart, type DeathAtStart } from './support/killer.ts';

export type StartInput = {
  readonly dataDir: string;
  readonly file: string;
  readonly runId: string;
  readonly account: ScriptAccount | null;
  readonly dies: DeathAtStart;
};

const { dataDir, file, runId, account, dies } = JSON.parse(process.argv[2] ?? '') as StartInput;
await dieAtStart('CPM_STEP=after', 1, dies);
startScript(
  { account, marks: createStartMarks(dataDir), marksItself: true },
  {
    file,
    argument: '1',
    timeoutMs: 60_000,
    collectErrorOutput: false,
    runId,
    facts: { CPM_STEP: 'after' },
    isMarked: true,
  },
  null,
);
