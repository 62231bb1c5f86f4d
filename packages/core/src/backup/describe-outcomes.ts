import { describeStatus } from './phase.ts';
import { AFTER_TABLE, OUTCOME_TABLE, SNAPSHOT_CASES, STEP_CASES, type OutcomeRow } from './outcome-table.ts';

/** The outcome table as the document `docs/outcomes.md`, in Markdown. */
export function describeOutcomes(): string {
  return [
    '# Outcomes of a backup',
    '',
    'Made from `packages/core/src/backup/outcome-table.ts`; the tests hold every combination of what can happen against it.',
    '',
    '| aborted | snapshots | scripts and VSS | "successful when" | outcome | generation | retried | "complete" is told |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...OUTCOME_TABLE.map(line),
    '',
    '- **Snapshots**: a target that is gone and stays in the policy, and a configuration that could not be recorded, count as failed snapshots. *Nothing is left*: the last target was removed from the policy, or it never had one.',
    '- **Scripts**: one that is missing has failed; one that is not asked for is fine. A snapshot that could only be started after "after" counts like a failed "before": no script vouches for it.',
    '- **Retried**: while the policy has retries left; with none left a backup is never retried.',
    '- **Recoverable** is whatever completed, in every row: also what a failed or aborted backup completed stays until retention removes it.',
    '',
    '## The "after" script',
    '',
    'It runs exactly once if "before" was started or is missing, and is told whether "before" succeeded; an abort or a crash changes neither.',
    '',
    '| "before" | "after" |',
    '| --- | --- |',
    ...AFTER_TABLE.map(({ before, after }) => `| ${BEFORE_WORDS[before]} | ${after ?? 'does not run'} |`),
    '',
  ].join('\n');
}

const BEFORE_WORDS: Readonly<Record<(typeof AFTER_TABLE)[number]['before'], string>> = {
  succeeded: 'succeeded',
  'not-asked': 'is not asked for, but "after" is',
  failed: 'failed, ran into its time-out, or its server died',
  missing: 'is missing',
  'not-run': 'was never started',
};

const RULE_WORDS = { 'no-issues': 'it has no issues', 'snapshots-succeed': 'snapshots succeed' } as const;

function line(row: OutcomeRow): string {
  const cells = [
    row.aborted ? 'yes' : 'no',
    anyOf(row.snapshots, SNAPSHOT_CASES.length, (each) => each),
    anyOf(row.steps, STEP_CASES.length, (each) => each),
    anyOf(row.successRules, 2, (rule) => RULE_WORDS[rule]),
    describeStatus(row.status),
    row.isGeneration ? 'yes' : 'no',
    row.isRetried ? 'yes' : 'no',
    row.complete,
  ];
  return `| ${cells.join(' | ')} |`;
}

function anyOf<Case>(cases: readonly Case[], all: number, words: (each: Case) => string): string {
  return cases.length === all ? 'any' : cases.map(words).join(' / ');
}
