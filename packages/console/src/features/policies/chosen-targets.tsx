import type { Resource } from '@cpm/contract';
import { Button, CloseButton, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import classes from './chosen-targets.module.css';
import { describeVolumes, isUnfinished, VolumeFields, type Volumes } from './volume-choice.tsx';

/** A resource that is about to become a target. */
export type Chosen = { readonly resource: Resource; readonly volumes: Volumes };

type ChosenTargetsProps = {
  readonly chosen: readonly Chosen[];
  readonly onChange: (chosen: readonly Chosen[]) => void;
};

/** What is chosen so far, from whatever region; of an instance the volumes can be chosen at once. */
export function ChosenTargets({ chosen, onChange }: ChosenTargetsProps) {
  const [openId, setOpenId] = useState<string | null>(null);
  if (chosen.length === 0) return null;
  const open = chosen.find(({ resource }) => resource.id === openId);
  const replace = (id: string, volumes: Volumes) =>
    onChange(chosen.map((one) => (one.resource.id === id ? { ...one, volumes } : one)));
  return (
    <>
      <ul className={classes.chosen}>
        {chosen.map(({ resource, volumes }) => (
          <li key={resource.id}>
            <span className={classes.name}>{resource.name || resource.id}</span>
            {resource.kind === 'instance' && (
              <UnstyledButton
                className={classes.volumes}
                aria-label={`${describeVolumes(volumes)} of ${resource.name || resource.id}: choose`}
                onClick={() => setOpenId(resource.id)}
              >
                {describeVolumes(volumes)}
              </UnstyledButton>
            )}
            <CloseButton
              size="sm"
              aria-label={`Do not choose ${resource.name || resource.id}`}
              onClick={() => onChange(chosen.filter((one) => one.resource.id !== resource.id))}
            />
          </li>
        ))}
      </ul>
      <Dialog opened={open !== undefined} onClose={() => setOpenId(null)} title="What is backed up">
        {open && (
          <>
            <VolumeFields
              resource={open.resource}
              volumes={open.volumes}
              onChange={(volumes) => replace(open.resource.id, volumes)}
            />
            <div className={classes.buttons}>
              <Button disabled={isUnfinished(open.volumes)} onClick={() => setOpenId(null)}>
                OK
              </Button>
            </div>
          </>
        )}
      </Dialog>
    </>
  );
}
