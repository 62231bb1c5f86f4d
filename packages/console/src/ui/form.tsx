import { ApiError } from '@cpm/contract/client';
import { Button } from '@mantine/core';
import { useEffect, useRef, type FormEvent, type ReactNode } from 'react';
import classes from './form.module.css';
import { ProblemNotice } from './problem-notice.tsx';

/** What a form says of a field that is wrong. */
export type FieldProblem = { readonly path: string; readonly message: string };

/** The wrong fields that a failed request names; empty when the failure is about something else. */
export function fieldProblems(error: unknown): readonly FieldProblem[] {
  return error instanceof ApiError ? (error.problem.fields ?? []) : [];
}

type FormFrameProps = {
  readonly label: string;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly error: Error | null;
  /** What each path is called on the screen, for the summary; a path without a name is shown as it is. */
  readonly fieldNames: (path: string) => string;
  readonly errors: Record<string, ReactNode>;
  readonly submitLabel: string;
  readonly isBusy: boolean;
  readonly cancel?: ReactNode;
  readonly children: ReactNode;
};

/** A form with its summary of what is wrong on top, which takes the focus, and its buttons below. */
export function FormFrame(props: FormFrameProps) {
  const summary = useRef<HTMLDivElement>(null);
  const wrong = Object.entries(props.errors).filter(([, message]) => Boolean(message));
  const count = wrong.length;
  const isAwaited = useRef(false);
  const isWrong = props.error !== null || count > 0;
  // Once after each attempt: correcting one field must not take the focus away from it.
  useEffect(() => {
    if (!isAwaited.current || !isWrong) return;
    isAwaited.current = false;
    summary.current?.focus();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    isAwaited.current = true;
    props.onSubmit(event);
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label={props.label}>
      <div ref={summary} tabIndex={-1} className={classes.summary}>
        {props.error !== null && count === 0 && <ProblemNotice error={props.error} />}
        {count > 0 && (
          <div role="alert" className={classes.wrong}>
            <p className={classes.wrongTitle}>
              {count === 1 ? 'One field needs correction' : `${count} fields need correction`}
            </p>
            <ul>
              {wrong.map(([path, message]) => (
                <li key={path}>
                  <strong>{props.fieldNames(path)}</strong>: {message}
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
      {props.children}
      <div className={classes.buttons}>
        <Button type="submit" loading={props.isBusy}>
          {props.submitLabel}
        </Button>
        {props.cancel}
      </div>
    </form>
  );
}

/** Puts what the server or a rule objects to beside the fields of a form. */
export function showFieldProblems(setErrors: SetErrors, problems: readonly FieldProblem[]): void {
  if (problems.length > 0) setErrors(toErrors(problems));
}
type SetErrors = (errors: Record<string, string>) => void;

/** Objections by field path, as a form keeps them. */
export function toErrors(problems: readonly FieldProblem[]): Record<string, string> {
  return Object.fromEntries(problems.map(({ path, message }) => [path, sentence(message)]));
}

/** The same for a request that failed; `rename` says what a field of the API is called in the form. */
export function useServerProblems(
  setErrors: SetErrors,
  error: Error | null,
  rename: (problem: FieldProblem) => FieldProblem = asIs,
): void {
  useEffect(() => showFieldProblems(setErrors, fieldProblems(error).map(rename)), [setErrors, error, rename]);
}
const asIs = (problem: FieldProblem) => problem;

/** `must be…` becomes `Must be…`. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Fields in columns that wrap. */
export function FieldRow({ children }: { readonly children: ReactNode }) {
  return <div className={classes.row}>{children}</div>;
}

/** Fields that belong together, under a name of their own. */
export function FormSection({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className={classes.section}>
      <legend className={classes.legend}>{title}</legend>
      {children}
    </fieldset>
  );
}
