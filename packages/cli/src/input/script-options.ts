import { readFile } from 'node:fs/promises';
import type { Policy } from '@cpm/contract';
import { POLICY_DEFAULTS, SCRIPT_RUNNERS, SCRIPT_STEPS, type ScriptStep } from '@cpm/core';
import { asField, flag, many, oneOf, text, wholeNumber, wrongInput, yesOrNo } from '../command.ts';

type Scripts = Policy['scripts'];
type SsmCommands = NonNullable<Scripts['ssm']>;

/** What a policy runs around its snapshots; what is left out stays. */
export const scriptOptions = {
  scripts: asField(
    'scripts.runner',
    oneOf(
      '--scripts <where>',
      "Where scripts run: none, server (files in CPM's scripts directory), ssm.",
      SCRIPT_RUNNERS,
    ),
  ),
  scriptTimeout: asField(
    'scripts.timeoutSeconds',
    wholeNumber('--script-timeout <seconds>', 'After this long a script is ended and has failed (30 unless told).'),
  ),
  collectOutput: asField(
    'scripts.collectOutput',
    yesOrNo('--collect-output <yes|no>', 'Whether their standard error is kept with the backup.'),
  ),
  ssmBefore: asField('scripts.ssm.before', text('--ssm-before <commands>', 'What Systems Manager runs before.')),
  ssmAfter: asField('scripts.ssm.after', text('--ssm-after <commands>', 'What it runs after all have started.')),
  ssmComplete: asField('scripts.ssm.complete', text('--ssm-complete <commands>', 'What it runs at the end.')),
  ssmBeforeFile: text('--ssm-before-file <file>', 'A file that holds the commands before.'),
  ssmAfterFile: text('--ssm-after-file <file>', 'A file that holds the commands after.'),
  ssmCompleteFile: text('--ssm-complete-file <file>', 'A file that holds the commands at the end.'),
  ssmInstance: asField(
    'scripts.ssm.instanceIds',
    many('--ssm-instance <id>', 'Run them on this instance of the policy; may be given several times.'),
  ),
  ssmAllInstances: flag('--ssm-all-instances', 'Run them on all instances of the policy.'),
};

type ScriptValues = {
  readonly [Key in keyof typeof scriptOptions]: ReturnType<(typeof scriptOptions)[Key]['read']>;
};

/** The scripts after the change; undefined when no option speaks of them. Throws `invalid_request`. */
export async function chosenScripts(values: ScriptValues, present: Scripts | undefined): Promise<Scripts | undefined> {
  const { scripts: runner, scriptTimeout, collectOutput } = values;
  const before: Scripts = present ?? POLICY_DEFAULTS.scripts;
  const ssm = await chosenCommands(values, before.ssm);
  if (ssm !== undefined && (runner ?? before.runner) !== 'ssm')
    throw wrongInput('--scripts', 'commands for Systems Manager go together with --scripts ssm');
  if ([runner, scriptTimeout, collectOutput, ssm].every((value) => value === undefined)) return undefined;
  return {
    runner: runner ?? before.runner,
    timeoutSeconds: scriptTimeout ?? before.timeoutSeconds,
    collectOutput: collectOutput ?? before.collectOutput,
    ssm: ssm ?? before.ssm,
  };
}

const NO_COMMANDS: SsmCommands = { before: '', after: '', complete: '', instanceIds: [] };

async function chosenCommands(values: ScriptValues, present: SsmCommands | null): Promise<SsmCommands | undefined> {
  const { ssmInstance, ssmAllInstances } = values;
  if (ssmAllInstances && ssmInstance.length > 0)
    throw wrongInput('--ssm-all-instances', 'it contradicts --ssm-instance');
  const texts = await Promise.all(SCRIPT_STEPS.map(async (step) => [step, await commandsOf(step, values)] as const));
  const given = texts.filter(([, commands]) => commands !== undefined);
  if (given.length === 0 && ssmInstance.length === 0 && !ssmAllInstances) return undefined;
  const before = present ?? NO_COMMANDS;
  const instanceIds = ssmAllInstances ? [] : ssmInstance;
  return {
    ...before,
    ...Object.fromEntries(given),
    instanceIds: ssmAllInstances || ssmInstance.length > 0 ? [...instanceIds] : before.instanceIds,
  };
}

const COMMAND_KEYS = {
  before: ['ssmBefore', 'ssmBeforeFile'],
  after: ['ssmAfter', 'ssmAfterFile'],
  complete: ['ssmComplete', 'ssmCompleteFile'],
} as const satisfies Record<ScriptStep, readonly [keyof ScriptValues, keyof ScriptValues]>;

async function commandsOf(step: ScriptStep, values: ScriptValues): Promise<string | undefined> {
  const [textKey, fileKey] = COMMAND_KEYS[step];
  const file = values[fileKey];
  if (file === undefined) return values[textKey];
  const path = `--ssm-${step}-file`;
  if (values[textKey] !== undefined) throw wrongInput(path, `it contradicts --ssm-${step}`);
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw wrongInput(path, `"${file}" cannot be read (${error.code ?? error.message})`);
  });
}
