import type { Snapshot } from '@cpm/contract';
import { Autocomplete, Checkbox, Select, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { call, newIdempotencyKey } from '../../app/api.ts';
import { FieldRow, fieldProblems, FormFrame, showFieldProblems, toErrors, type FieldProblem } from '../../ui/form.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { Panel } from '../../ui/page.tsx';
import classes from './recover-form.module.css';
import type { RecoverySource } from './recovery-frame.tsx';
import { ShapeFields } from './shape-fields.tsx';
import { recordedVolume } from './volume-shape.ts';
import {
  attachableInstances,
  chosenIndexes,
  formPath,
  freeDevice,
  initialVolumes,
  recoverableSnapshots,
  volumeProblems,
  volumesInput,
  type VolumeValues,
} from './volume-values.ts';

type FormValues = { readonly volumes: VolumeValues[] };
type VolumesForm = UseFormReturnType<FormValues>;

/** Which volumes to make, where, how large, and what to attach them to. */
export function RecoverVolumesForm(source: RecoverySource) {
  const { backup, resource, choices } = source;
  const snapshots = recoverableSnapshots(resource);
  const form: VolumesForm = useForm<FormValues>({
    initialValues: { volumes: initialVolumes(resource, choices) },
    validate: ({ volumes }) => toErrors(volumeProblems(volumes, resource, choices)),
  });
  const recover = useRecoverVolumes(backup.id);
  const chosen = chosenIndexes(form.values.volumes);
  const submit = (values: FormValues) => {
    const asInForm = ({ path, message }: FieldProblem) => ({
      path: formPath(path, chosenIndexes(values.volumes)),
      message,
    });
    recover.mutate(values.volumes, {
      onError: (error) => showFieldProblems(form.setErrors, fieldProblems(error).map(asInForm)),
    });
  };
  return (
    <FormFrame
      label="Recover volumes"
      submitLabel={chosen.length === 1 ? 'Recover the volume' : `Recover ${chosen.length} volumes`}
      error={recover.error}
      errors={form.errors}
      fieldNames={(path) => nameOfField(path, snapshots)}
      isBusy={recover.isPending}
      onSubmit={form.onSubmit(submit)}
      cancel={
        <ButtonLink to="/backups/$backupId" params={{ backupId: backup.id }} variant="default">
          Cancel
        </ButtonLink>
      }
    >
      {snapshots.map((snapshot, index) => (
        <VolumePanel key={snapshot.id} {...{ form, source, snapshot, index }} />
      ))}
    </FormFrame>
  );
}

function useRecoverVolumes(backupId: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (volumes: readonly VolumeValues[]) =>
      call('POST /backups/:backupId/recoveries/volumes', {
        params: { backupId },
        body: volumesInput(volumes),
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: async ({ id }) => {
      void client.invalidateQueries({ queryKey: ['recoveries'] });
      await navigate({ to: '/recoveries/$recoveryId', params: { recoveryId: id } });
    },
  });
}

const FIELD_NAMES: Record<string, string> = {
  zone: 'zone',
  sizeGiB: 'size',
  volumeType: 'type',
  iops: 'IOPS',
  throughputMiBps: 'throughput',
  instance: 'instance',
  device: 'device',
  snapshotId: 'snapshot',
};

function nameOfField(path: string, snapshots: readonly Snapshot[]): string {
  const [, index, field = ''] = /^volumes\.(\d+)\.(.*)$/.exec(path) ?? [];
  if (index === undefined) return 'Volumes';
  return `${snapshots[Number(index)]?.sourceId ?? 'Volume'}, ${FIELD_NAMES[field] ?? field}`;
}

type VolumePanelProps = {
  readonly form: VolumesForm;
  readonly source: RecoverySource;
  readonly snapshot: Snapshot;
  readonly index: number;
};

function VolumePanel({ form, source: { resource, choices }, snapshot, index }: VolumePanelProps) {
  const path = `volumes.${index}`;
  const volume = form.values.volumes[index];
  if (!volume) return null;
  const { sourceId, device, isRoot, sizeGiB, awsSnapshotId } = snapshot;
  const pickInstance = (instance: string) => {
    form.setFieldValue(`${path}.instance`, instance);
    form.setFieldValue(`${path}.device`, freeDevice(choices, form.getValues().volumes, index));
  };
  return (
    <Panel>
      <Checkbox
        className={classes.chosen}
        label={`${sourceId}${device === null ? '' : ` · ${device}`}${isRoot ? ' (root)' : ''} · ${sizeGiB} GiB`}
        description={`From ${awsSnapshotId ?? 'its snapshot'}`}
        {...form.getInputProps(`${path}.isChosen`, { type: 'checkbox' })}
      />
      {volume.isChosen && (
        <div className={classes.fields}>
          <FieldRow>
            <ShapeFields
              getInputProps={form.getInputProps}
              path={path}
              snapshot={snapshot}
              recorded={recordedVolume(resource, snapshot)}
            />
            <Select
              label="Zone"
              required
              searchable
              allowDeselect={false}
              data={choices.zones}
              {...form.getInputProps(`${path}.zone`)}
            />
            <Autocomplete
              label="Attach to"
              placeholder="Nothing"
              description="An instance of that zone; or type its id."
              data={[...attachableInstances(choices, volume.zone)]}
              clearable
              clearButtonProps={{ 'aria-label': 'Attach to nothing' }}
              {...form.getInputProps(`${path}.instance`)}
              onChange={pickInstance}
            />
            <TextInput
              label="Device"
              description="Attached only if it is free."
              disabled={volume.instance === ''}
              {...form.getInputProps(`${path}.device`)}
            />
          </FieldRow>
        </div>
      )}
    </Panel>
  );
}
