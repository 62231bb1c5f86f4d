import type { BackupRecord, Truth } from './truth.ts';

/** So long a failure may wait for its alert. */
const WITHIN_MS = 60_000;
const MISSED = /server was not running/;

/** Whether the clock was set during the run: what came first is then no matter of times. */
export type AlertCircumstances = { readonly clockWasSet: boolean };

/**
 * I9: whenever a backup of a policy ends as no generation, the policy's one alert is open within a minute, and it is closed
 * from the next generation on; a firing that was missed with the server has an alert as well.
 */
export function findAlertFaults(truth: Truth, { clockWasSet }: AlertCircumstances): string[] {
  const { policies, backups, skipped, alerts } = truth;
  return policies
    .filter(({ removed_at: removedAt }) => removedAt === null)
    .flatMap(({ id }) => {
      const ended = backups
        .filter((backup) => backup.policy_id === id && backup.ended_at !== null)
        .toSorted((a, b) => (a.ended_at ?? 0) - (b.ended_at ?? 0));
      const own = alerts.filter(({ category, subject }) => category === 'backup' && subject === id);
      const missed = skipped.filter((each) => each.policyId === id && MISSED.test(each.reason));
      const hasTold = alerts.some(({ category, subject }) => category === 'missed' && subject === id);
      const silent =
        missed.length > 0 && !hasTold ? [`I9: ${missed.length} missed firings of the policy ${id} have no alert`] : [];
      return clockWasSet
        ? [...silent, ...untold(ended, own.length)]
        : [...silent, ...untimely(ended, own), ...lasting(ended, own)];
    });
}

const untold = (ended: readonly BackupRecord[], alerts: number): string[] =>
  alerts === 0 && ended.some((backup) => !backup.is_generation)
    ? [`I9: a failure of ${ended[0]?.policy_name} has no alert`]
    : [];

function untimely(ended: readonly BackupRecord[], alerts: Truth['alerts']): string[] {
  return ended
    .filter((backup) => !backup.is_generation)
    .filter(({ ended_at: at }) => {
      const until = (at ?? 0) + WITHIN_MS;
      return !alerts.some(
        (alert) => alert.opened_at <= until && (alert.closed_at === null || alert.closed_at >= (at ?? 0)),
      );
    })
    .map(({ id }) => `I9: the failed backup ${id} has no alert within a minute`);
}

function lasting(ended: readonly BackupRecord[], alerts: Truth['alerts']): string[] {
  const last = ended.at(-1);
  if (last === undefined) return [];
  const isOpen = alerts.some((alert) => alert.closed_at === null);
  if (last.is_generation && isOpen) return [`I9: the alert of ${last.policy_name} is open after a good backup`];
  return !last.is_generation && !isOpen ? [`I9: no alert of ${last.policy_name} is open after a failure`] : [];
}
