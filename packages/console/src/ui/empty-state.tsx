import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './empty-state.module.css';

type EmptyStateProps = {
  readonly Sign: Icon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
};

/** Says that there is nothing here (yet, or for this filter) and what to do about it. */
export function EmptyState({ Sign, title, children, action }: EmptyStateProps) {
  return (
    <div className={classes.empty}>
      <Sign className={classes.sign} size={32} stroke={1.4} aria-hidden />
      <p className={classes.title}>{title}</p>
      {children !== undefined && <div className={classes.text}>{children}</div>}
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  );
}
