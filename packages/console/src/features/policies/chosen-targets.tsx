import type { Resource } from '@cpm/contract';
import { resourceKey } from '@cpm/core';
import { Button, CloseButton, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../../ui/dialog.tsx';
import classes from './chosen-targets.module.css';
import { describeVolumes, isUnfinished, VolumeFields, type Volumes } from './volume-choice.tsx';

/** A resource that is about to become a target. */
export type Chosen = { readonly resource: Resource; readonly volumes: Volumes };

/** Tells chosen resources apart: a database and a cluster, or databases of two regions, may bear one identifier. */
export const keyOf = ({ kind, region, id }: Resource): string => resourceKey(kind, region, id);

type ChosenTargetsProps = {
  readonly chosen: readonly Chosen[];
  readonly onChange: (chosen: readonly Chosen[]) => void;
};

/** What is chosen so far, from whatever region; of an instance the volumes can be chosen at once. */
export function ChosenTargets({ chosen, onChange }: ChosenTargetsProps) {
  const [openKey, setOpenKey] = useState<string | null>(null);
  if (chosen.length === 0) return null;
  const open = chosen.find(({ resource }) => keyOf(resource) === openKey);
  const replace = (key: string, volumes: Volumes) =>
    onChange(chosen.map((one) => (keyOf(one.resource) === key ? { ...one, volumes } : one)));
  return (
    <>
      <ul className={classes.chosen}>
        {chosen.map(({ resource, volumes }) => (
          <li key={keyOf(resource)}>
            <span className={classes.name}>{resource.name || resource.id}</span>
            {resource.kind === 'instance' && (
              <UnstyledButton
                className={classes.volumes}
                aria-label={`${describeVolumes(volumes)} of ${resource.name || resource.id}: choose`}
                onClick={() => setOpenKey(keyOf(resource))}
              >
                {describeVolumes(volumes)}
              </UnstyledButton>
            )}
            <CloseButton
              size="sm"
              aria-label={`Do not choose ${resource.name || resource.id}`}
              onClick={() => onChange(chosen.filter((one) => one.resource !== resource))}
            />
          </li>
        ))}
      </ul>
      <Dialog opened={open !== undefined} onClose={() => setOpenKey(null)} title="What is backed up">
        {open && (
          <>
            <VolumeFields
              resource={open.resource}
              volumes={open.volumes}
              onChange={(volumes) => replace(keyOf(open.resource), volumes)}
            />
            <div className={classes.buttons}>
              <Button disabled={isUnfinished(open.volumes)} onClick={() => setOpenKey(null)}>
                OK
              </Button>
            </div>
          </>
        )}
      </Dialog>
    </>
  );
}
