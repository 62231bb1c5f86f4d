import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import classes from './alerts-bell.module.css';
import { openAlertsQuery } from './queries.ts';

/** Leads to the alerts and says how many are open, live. */
export function AlertsBell() {
  const { data } = useQuery(openAlertsQuery);
  const count = data?.count ?? 0;
  const shown = `${count}${data?.isMore === true ? '+' : ''}`;
  return (
    <Link
      to="/alerts"
      className={classes.bell}
      aria-label={count === 0 ? 'Alerts: none open' : `Alerts: ${shown} open`}
      activeProps={{ 'aria-current': 'page' }}
    >
      <IconBell size={19} aria-hidden />
      {count > 0 && (
        <span className={classes.count} data-error={data?.hasError || undefined} aria-hidden>
          {shown}
        </span>
      )}
    </Link>
  );
}
