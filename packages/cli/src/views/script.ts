import type { BackupScript, ScriptTrial } from '@cpm/contract';
import type { GlobalOptions } from '../surroundings.ts';
import type { Printer } from '../terminal/print.ts';
import { formatFields } from '../terminal/table.ts';
import { formatTime, formatTimeOrNone } from '../terminal/time.ts';
import { visible } from '../terminal/visible.ts';

/** Shows how the test of a script ended, its output below. */
export function printTrial(print: Printer, global: GlobalOptions, trial: ScriptTrial): void {
  if (global.output === 'json') return print.json(trial);
  if (global.quiet) return;
  const { ended, reason, exitCode, durationMs, output } = trial;
  print.lines([
    ...formatFields([
      ['ended', ended],
      ['reason', reason],
      ['exit code', exitCode],
      ['took', `${durationMs} ms`],
    ]),
    ...outputLines(output),
  ]);
}

/** Shows what became of a backup's scripts, each with its output below. */
export function printScripts(print: Printer, global: GlobalOptions, scripts: readonly BackupScript[]): void {
  if (global.output === 'json') return print.json({ items: scripts });
  if (global.quiet) return print.lines(scripts.map((script) => script.step));
  if (scripts.length === 0) return print.note('There are none.');
  print.lines(scripts.flatMap((script, index) => [...(index === 0 ? [] : ['']), ...scriptLines(script)]));
}

function scriptLines(script: BackupScript): string[] {
  return [
    ...formatFields([
      ['step', script.step],
      ['runs', script.runner === 'ssm' ? 'on instances, by Systems Manager' : 'on the server'],
      ['state', script.state],
      ['reason', script.reason],
      ['argument', script.argument],
      ['exit code', script.exitCode],
      ['started', formatTime(script.startedAt)],
      ['ended', formatTimeOrNone(script.endedAt)],
    ]),
    ...outputLines(script.output),
  ];
}

function outputLines(output: string | null): string[] {
  if (output === null || output === '') return [];
  return [
    'output:',
    ...output
      .trimEnd()
      .split('\n')
      .map((line) => `  ${visible(line)}`),
  ];
}
