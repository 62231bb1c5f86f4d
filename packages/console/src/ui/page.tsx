import type { ReactNode } from 'react';
import { useEffect } from 'react';
import classes from './page.module.css';

type PageProps = {
  readonly title: string;
  /** Where this page hangs: a link to the list it comes from. */
  readonly trail?: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly narrow?: boolean;
  readonly children: ReactNode;
};

/** A page: its heading, what can be done on it, and its content; names the browser's tab. */
export function Page({ title, trail, lead, actions, narrow = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Cloud Protection Manager`;
  }, [title]);
  return (
    <div className={classes.page} data-narrow={narrow || undefined}>
      <div className={classes.head}>
        <div className={classes.titles}>
          {trail !== undefined && <div className={classes.trail}>{trail}</div>}
          <h1 className={classes.title}>{title}</h1>
          {lead !== undefined && <div className={classes.lead}>{lead}</div>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

/** A framed part of a page. */
export function Panel({ title, tools, children, flush = false }: PanelProps) {
  return (
    <section className={classes.panel} aria-label={title}>
      {(title !== undefined || tools !== undefined) && (
        <div className={classes.panelHead}>
          {title !== undefined && <h2 className={classes.panelTitle}>{title}</h2>}
          {tools !== undefined && <div className={classes.panelTools}>{tools}</div>}
        </div>
      )}
      <div className={flush ? classes.flush : classes.panelBody}>{children}</div>
    </section>
  );
}
type PanelProps = {
  readonly title?: string;
  readonly tools?: ReactNode;
  /** Without padding: for tables. */
  readonly flush?: boolean;
  readonly children: ReactNode;
};

/** Names and values, side by side where there is room. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
