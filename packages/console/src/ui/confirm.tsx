import { Button, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { ProblemNotice } from './problem-notice.tsx';
import classes from './confirm.module.css';

type ConfirmProps = {
  readonly opened: boolean;
  readonly onClose: () => void;
  /** A question. */
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** Names the act and the number of things. */
  readonly actLabel: string;
  /** Names what the safe button does. */
  readonly keepLabel?: string;
  readonly onAct: () => void;
  readonly isBusy: boolean;
  readonly error: Error | null;
  /** To be typed before the act is possible; for what cannot be undone. */
  readonly typedName?: string;
};

/** Asks before something is destroyed; the safe button has the focus, and Enter destroys nothing. */
export function Confirm(props: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const mayAct = props.typedName === undefined || typed === props.typedName;
  const close = () => {
    setTyped('');
    props.onClose();
  };
  return (
    <Dialog opened={props.opened} onClose={close} title={props.title} centered>
      <div className={classes.body}>
        {props.children}
        {props.typedName !== undefined && (
          <TextInput
            label={
              <>
                Type <strong>{props.typedName}</strong> to confirm
              </>
            }
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        {props.error && <ProblemNotice error={props.error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close} data-autofocus>
            {props.keepLabel ?? 'Keep'}
          </Button>
          <Button color="red" disabled={!mayAct} loading={props.isBusy} onClick={props.onAct}>
            {props.actLabel}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
