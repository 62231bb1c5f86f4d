import { useState } from 'react';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './some-of.module.css';

const SHOWN_FIRST = 8;

/** A list by name: the first few, and the rest on request. */
export function SomeOf({ items }: { readonly items: readonly ReactNode[] }) {
  const [isAll, setAll] = useState(false);
  if (items.length === 0) return null;
  const shown = isAll ? items : items.slice(0, SHOWN_FIRST);
  return (
    <div className={classes.box}>
      <ul className={classes.list}>
        {shown.map((item, index) => (
          // The list is written once and never reordered.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index}>{item}</li>
        ))}
      </ul>
      {shown.length < items.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          Show all {items.length}
        </Button>
      )}
    </div>
  );
}
