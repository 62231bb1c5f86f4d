import type { Truth } from './truth.ts';

/** One line that a script wrote when it was started: the backup's id, the step, and what the script was told. */
export type Trace = { readonly backupId: string; readonly step: string; readonly argument: string };

/** Scripts of tests write such a line first of all, so that nothing that was started goes unseen. */
export const TRACE_LINE = 'echo "$CPM_BACKUP $CPM_STEP ${1:-}"';

/** The lines of a trace file; one that is cut off by a kill counts as far as it goes. */
export function parseTrace(text: string): Trace[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [backupId = '', step = '', argument = ''] = line.split(' ');
      return { backupId, step, argument };
    });
}

/** I5: no script was started twice, "after" was started if and only if "before" was, and each start is on record. */
export function findScriptFaults({ scripts, backups }: Truth, trace: readonly Trace[]): string[] {
  const byBackup = Map.groupBy(trace, ({ backupId }) => backupId);
  const known = new Set(backups.map(({ id }): string => id));
  return [...byBackup]
    .filter(([id]) => known.has(id))
    .flatMap(([id, lines]) => {
      const times = (step: string) => lines.filter((line) => line.step === step).length;
      const records = new Set(scripts.filter((script) => script.backup_id === id).map(({ step }): string => step));
      return [
        ...['before', 'after', 'complete'].flatMap((step) =>
          times(step) > 1 ? [`I5: "${step}" of ${id} was started ${times(step)} times`] : [],
        ),
        ...(times('before') > 0 && times('after') === 0
          ? [`I5: "after" of ${id} was never started, although "before" was`]
          : []),
        ...(times('after') > 0 && !records.has('before')
          ? [`I5: "after" of ${id} was started, although "before" never was`]
          : []),
        ...lines
          .filter(({ step }) => !records.has(step))
          .map(({ step }) => `I5: "${step}" of ${id} was started and is not on record`),
      ];
    });
}
