import { useDebouncedCallback } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { FindField } from './list-panel.tsx';
import classes from './list-panel.module.css';

type SearchBarProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children?: ReactNode;
};

const PAUSE_MS = 300;

/** The search of a list that the server searches: asked once typing pauses. */
export function SearchBar({ label, value, onChange, children }: SearchBarProps) {
  const [typed, setTyped] = useState(value);
  // What the address says counts, such as after "back"; while one types it is what was typed a moment ago.
  const [said, setSaid] = useState(value);
  if (said !== value) {
    setSaid(value);
    if (value !== typed.trim()) setTyped(value);
  }
  const ask = useDebouncedCallback((text: string) => onChange(text.trim()), PAUSE_MS);
  return (
    <search className={classes.tools}>
      <FindField
        label={label}
        value={typed}
        onChange={(text) => {
          setTyped(text);
          ask(text);
        }}
      />
      {children}
    </search>
  );
}
