import { useEffect, type ReactNode } from 'react';
import classes from './door.module.css';

type DoorProps = { readonly title: string; readonly lead: ReactNode; readonly children: ReactNode };

/** A page in front of the sign-in. */
export function Door({ title, lead, children }: DoorProps) {
  useEffect(() => {
    document.title = `${title} · Cloud Protection Manager`;
  }, [title]);
  return (
    <main className={classes.door}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <img src="/mark.svg" alt="" width={34} height={34} />
          <span>Cloud Protection Manager</span>
        </div>
        <h1 className={classes.title}>{title}</h1>
        <p className={classes.lead}>{lead}</p>
        {children}
      </div>
    </main>
  );
}
