import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { systemClock, type Clock } from '../clock.ts';
import { findScripts, type FoundScripts, type ScriptsWanted } from './find-scripts.ts';
import { createNamedPipes } from './named-pipes.ts';
import { commandLineOf, endFamily, familyOf, findMembers, type Family } from './processes.ts';
import { holdScript, runScript, type HeldScript, type ScriptResult, type ScriptToRun } from './run-script.ts';
import { canMarkAtStart, isHeldCommand } from './marking-start.ts';
import { findScriptAccount } from './script-account.ts';
import { createStartMarks, type StartMarks } from './start-marks.ts';

export type ScriptRunner = {
  /** What a policy has in the scripts directory now. Never throws. */
  readonly find: (wanted: Omit<ScriptsWanted, 'scriptsDir' | 'account'>) => Promise<FoundScripts>;
  /** Runs one script to its end; never throws. One that was held begins at once. */
  readonly run: (script: ScriptToRun, held?: HeldScript | null) => Promise<ScriptResult>;
  /** Gets a script ready whose start must not take long; null where it can only be started when it is run. Never throws. */
  readonly hold: (script: ScriptToRun) => Promise<HeldScript | null>;
  /** Which runs were really started. */
  readonly marks: StartMarks;
  /** Whether anything of that run lives, on Linux; what another server only holds back is no part of it. */
  readonly isRunning: (runId: string) => Promise<boolean>;
  /**
   * Ends what an earlier server's run left running; answers the ids of those that could not be ended. A process that merely
   * got the same id since is not touched; nor is anything of another machine.
   */
  readonly killLeftover: (run: LeftoverRun) => Promise<readonly number[]>;
  /** Ends what scripts that have ended left running. Running scripts are their callers' to end. */
  readonly close: () => Promise<void>;
};

export type LeftoverRun = {
  readonly runId: string;
  readonly pid: number | null;
  readonly pidStarted: string | null;
};

export type ScriptRunnerInput = {
  readonly dataDir: string;
  /** The setting CPM_SCRIPT_USER. */
  readonly scriptUser: string | null;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
};

const { after } = systemClock();
const UNMARKED =
  'a script cannot mark its own start here (util-linux is needed for it, and a disk with locks): a server that is killed in the instant it starts an "after" script may start it once more';

/** Makes what runs scripts on this machine, and the directory they belong in. Throws `bad_setting` for the script user. */
export async function createScriptRunner({
  dataDir,
  scriptUser,
  clock,
  log,
}: ScriptRunnerInput): Promise<ScriptRunner> {
  const account = await findScriptAccount(scriptUser);
  const scriptsDir = path.join(dataDir, 'scripts');
  await mkdir(scriptsDir, { recursive: true, mode: 0o755 });
  const pipes = createNamedPipes();
  const leftovers = createLeftovers(log);
  const marks = createStartMarks(dataDir);
  const marksItself = await canMarkAtStart(marks, account);
  if (!marksItself) log.warn(UNMARKED);
  const parts = { clock, account, pipes, leave: leftovers.leave, marks, marksItself };
  return {
    find: (wanted) => findScripts({ ...wanted, scriptsDir, account }),
    run: (script, held) => runScript(parts, script, held),
    hold: (script) => holdScript(parts, script),
    marks,
    isRunning: async (runId) => {
      const members = await findMembers(familyOf(runId, null), true);
      const commandLines = await Promise.all(members.map(({ pid }) => commandLineOf(pid)));
      return commandLines.some((each) => !isHeldCommand(each));
    },
    killLeftover: ({ runId, pid, pidStarted }) =>
      endFamily(familyOf(runId, pid === null || pidStarted === null ? null : { pid, started: pidStarted })),
    close: async () => {
      await leftovers.close();
      await pipes.close();
    },
  };
}

/** A script's time-out is also that of what it leaves in the background, such as the keeper of a lock. */
function createLeftovers(log: Logger) {
  const waiting = new Map<Family, () => void>();
  const end = async (family: Family) => {
    waiting.delete(family);
    const survivors = await endFamily(family).catch(() => []);
    if (survivors.length > 0) log.warn({ pids: survivors }, 'what a script left running could not be ended');
  };
  const leave = (family: Family, forMs: number) => {
    waiting.set(
      family,
      after(forMs, () => void end(family)),
    );
  };
  const close = async () => {
    const families = [...waiting];
    await Promise.all(
      families.map(([family, cancel]) => {
        cancel();
        return end(family);
      }),
    );
  };
  return { leave, close };
}
