import type { Policy, Resource, Target } from '@cpm/contract';
import { Button, Checkbox, Radio, Skeleton, UnstyledButton } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../app/api.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';
import { WHOLE_OF_KIND } from '../accounts/kinds.ts';
import { resourcesQuery } from '../accounts/queries.ts';
import classes from './volume-choice.module.css';

/** Which volumes of an instance are taken: all, none, or those named. */
export type Volumes = { take: 'all' } | { take: 'none' } | { take: 'some'; volumeIds: string[] };

/** The choice in words. */
export function describeVolumes(volumes: { readonly take: string; readonly volumeIds?: readonly string[] }): string {
  if (volumes.take === 'all') return 'All volumes';
  if (volumes.take === 'none') return 'Configuration only';
  const count = volumes.volumeIds?.length ?? 0;
  return count === 1 ? '1 volume' : `${count} volumes`;
}

/** What is backed up of a target; of an instance it can be changed in a dialog. */
export function VolumeChoice({ policy, target }: { readonly policy: Policy; readonly target: Target }) {
  const [opened, setOpened] = useState(false);
  if (target.volumes === null) return WHOLE_OF_KIND[target.kind];
  const name = target.resourceName || target.resourceId;
  return (
    <>
      <UnstyledButton
        className={classes.open}
        onClick={() => setOpened(true)}
        aria-label={`${describeVolumes(target.volumes)} of ${name}: choose`}
      >
        {describeVolumes(target.volumes)}
      </UnstyledButton>
      <Dialog opened={opened} onClose={() => setOpened(false)} title={`What is backed up of ${name}`}>
        <VolumeDialog policy={policy} target={target} onClose={() => setOpened(false)} />
      </Dialog>
    </>
  );
}

function VolumeDialog({
  policy,
  target,
  onClose,
}: {
  readonly policy: Policy;
  readonly target: Target;
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const instances = useQuery(resourcesQuery({ accountId: policy.account.id, region: target.region, kind: 'instance' }));
  const [volumes, setVolumes] = useState<Volumes>(() => volumesOf(target));
  const change = useMutation({
    mutationFn: () =>
      call('PATCH /policies/:policyId/targets/:targetId', {
        params: { policyId: policy.id, targetId: target.id },
        body: { volumes },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['policies'] });
      onClose();
    },
  });
  const resource = instances.data?.items.find(({ id }) => id === target.resourceId);
  return (
    <div className={classes.dialog}>
      {instances.isPending && <Skeleton height={90} />}
      {instances.error && <ProblemNotice error={instances.error} onRetry={() => void instances.refetch()} />}
      {instances.data && !resource && <p>AWS no longer knows this instance.</p>}
      {resource && <VolumeFields resource={resource} volumes={volumes} onChange={setVolumes} />}
      {change.error && <ProblemNotice error={change.error} />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={!resource || isUnfinished(volumes)}
          loading={change.isPending}
          onClick={() => change.mutate()}
        >
          Save
        </Button>
      </div>
    </div>
  );
}

function volumesOf({ volumes }: Target): Volumes {
  if (volumes?.take === 'some') return { take: 'some', volumeIds: volumes.volumeIds };
  return { take: volumes?.take === 'none' ? 'none' : 'all' };
}

/** Whether "some" names none yet. */
export function isUnfinished(volumes: Volumes): boolean {
  return volumes.take === 'some' && volumes.volumeIds.length === 0;
}

type VolumeFieldsProps = {
  readonly resource: Resource;
  readonly volumes: Volumes;
  readonly onChange: (volumes: Volumes) => void;
};

/** The choice of volumes of one instance. */
export function VolumeFields({ resource, volumes, onChange }: VolumeFieldsProps) {
  const choose = (take: string) =>
    onChange(
      take === 'some'
        ? { take, volumeIds: resource.volumes.map(({ id }) => id) }
        : { take: take === 'none' ? 'none' : 'all' },
    );
  return (
    <div className={classes.fields}>
      <Radio.Group label={`Volumes of ${resource.name || resource.id}`} value={volumes.take} onChange={choose}>
        <Radio value="all" label="All volumes, also those attached later" mt={6} />
        <Radio value="some" label="Only these" mt={6} />
        <Radio value="none" label="None: only the configuration of the instance" mt={6} />
      </Radio.Group>
      {volumes.take === 'some' && (
        <Checkbox.Group
          className={classes.volumes}
          aria-label="Volumes"
          value={volumes.volumeIds}
          onChange={(volumeIds) => onChange({ take: 'some', volumeIds })}
          error={isUnfinished(volumes) ? 'Choose at least one volume, or "None".' : undefined}
        >
          {resource.volumes.map(({ id, device, isRoot, sizeGiB }) => (
            <Checkbox
              key={id}
              value={id}
              mt={6}
              label={`${id} · ${device}${isRoot ? ' (root)' : ''} · ${sizeGiB} GiB`}
            />
          ))}
        </Checkbox.Group>
      )}
    </div>
  );
}
