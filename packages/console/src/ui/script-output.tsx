import classes from './script-output.module.css';

/** What a script wrote to its standard error, as it wrote it; null where nothing was kept. */
export function ScriptOutput({ output, label = 'Standard error' }: ScriptOutputProps) {
  if (output === null) return null;
  if (output === '') return <p className={classes.none}>It wrote nothing to its standard error.</p>;
  return (
    // A box that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className={classes.box} aria-label={label} tabIndex={0}>
      <pre>{output}</pre>
    </section>
  );
}
type ScriptOutputProps = { readonly output: string | null; readonly label?: string };
