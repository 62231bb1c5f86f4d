import type { Policy } from '@cpm/contract';
import { Distance, Moment } from '../../ui/moment.tsx';
import { Status } from '../../ui/status.tsx';
import classes from './policies-page.module.css';

/** The word for how a policy stands: overdue is a state of its own. */
export function stateWordOf({ enabled, overdue }: Policy): string {
  if (!enabled) return 'Disabled';
  return overdue === null ? 'Enabled' : 'Overdue';
}

/** How a policy stands: enabled, overdue with the reason, or disabled; and whether a retry is waiting. */
export function PolicyState({ policy }: { readonly policy: Policy }) {
  const { enabled, overdue, waitingRetryAt } = policy;
  const tone = !enabled ? 'quiet' : overdue === null ? 'good' : 'late';
  return (
    <div className={classes.name}>
      <Status tone={tone} text={stateWordOf(policy)} />
      {enabled && overdue && (
        <span className={classes.quiet}>
          Due <Moment at={overdue.dueAt} />: {overdue.reason}
        </span>
      )}
      {waitingRetryAt !== null && (
        <span className={classes.quiet}>
          Tried again <Distance at={waitingRetryAt} />
        </span>
      )}
    </div>
  );
}
