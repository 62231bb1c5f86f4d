import { IconPlugConnectedX } from '@tabler/icons-react';
import { useConnection } from './live.ts';
import classes from './connection-banner.module.css';

/** Says so when what is shown is no longer kept up to date. */
export function ConnectionBanner() {
  const lost = useConnection() === 'lost';
  return (
    <output className={classes.place} aria-live="polite">
      {lost && (
        <div className={classes.banner}>
          <IconPlugConnectedX size={18} aria-hidden />
          <span>
            <strong>The connection to the server is lost.</strong> What you see may be out of date; the console keeps
            trying to reconnect.
          </span>
        </div>
      )}
    </output>
  );
}
