import type { RecoveryPlan } from '@cpm/contract';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Confirm } from '../../ui/confirm.tsx';
import { SomeOf } from '../../ui/some-of.tsx';
import { counted, OBJECT_KINDS } from './object-words.ts';
import classes from './plan-review.module.css';

type StartProps = {
  readonly plans: readonly RecoveryPlan[];
  readonly label: string;
  /** What has to be typed where something is deleted. */
  readonly typedName: string;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onStart: () => void;
};

/** The last button: it asks once more, with the names, where the recovery deletes something (U34). */
export function StartRecovery({ plans, label, typedName, isBusy, error, onStart }: StartProps) {
  const [isAsking, setAsking] = useState(false);
  const deleted = plans.flatMap(({ objects }) => objects).filter(({ action }) => action === 'delete');
  const canStart = plans.every((plan) => plan.canStart);
  const count = counted(deleted.length, 'object');
  return (
    <div className={classes.start}>
      <Button
        disabled={!canStart}
        loading={isBusy && !isAsking}
        onClick={() => (deleted.length === 0 ? onStart() : setAsking(true))}
      >
        {label}
      </Button>
      <span className={classes.count}>
        {canStart ? 'Nothing was made so far.' : 'Correct what failed, then check again.'}
      </span>
      {isAsking && (
        <Confirm
          opened
          onClose={() => setAsking(false)}
          title={`Recover, and delete ${count}?`}
          actLabel={`${label} and delete ${count}`}
          keepLabel="Delete nothing"
          typedName={typedName}
          onAct={onStart}
          isBusy={isBusy}
          error={error}
        >
          <p>
            These are deleted from AWS once the new ones stand in their place, and{' '}
            <strong>cannot be brought back</strong> unless a backup holds them:
          </p>
          <SomeOf
            items={deleted.map(({ kind, name, note }) => (
              <span key={name}>
                {OBJECT_KINDS[kind]} <code>{name}</code>
                {note === '' ? '' : `: ${note}`}
              </span>
            ))}
          />
        </Confirm>
      )}
    </div>
  );
}
