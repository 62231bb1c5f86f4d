import { ATTACH_BEHAVIORS } from '@cpm/core';
import { NativeSelect } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { call } from '../../app/api.ts';
import { toErrors } from '../../ui/form.tsx';
import { Panel } from '../../ui/page.tsx';
import { CredentialsFields } from './credentials-fields.tsx';
import { readId } from './form-parts.ts';
import { counted } from './object-words.ts';
import { RecoveryForm } from './recovery-form.tsx';
import type { RecoverySource } from './recovery-frame.tsx';
import { VolumePanel } from './volume-panel.tsx';
import {
  chosenIndexes,
  initialVolumes,
  nameOfVolumeField,
  suggestDevice,
  volumeFormPath,
  volumeItems,
  volumeProblems,
  volumesInput,
  type VolumeItem,
  type VolumesValues,
} from './volume-values.ts';

export type VolumesForm = UseFormReturnType<VolumesValues>;

/** Which volumes to make, where, how large, and what to attach them to. */
export function RecoverVolumesForm(source: RecoverySource) {
  const { backup, resources, choices, place } = source;
  const items = volumeItems(resources);
  const form: VolumesForm = useForm<VolumesValues>({
    initialValues: initialVolumes(items, choices),
    validate: (values) => toErrors(volumeProblems(values, items, choices)),
  });
  const { volumes } = form.values;
  const chosen = chosenIndexes(volumes);
  const params = { backupId: backup.id };
  return (
    <RecoveryForm
      label="Recover volumes"
      backupId={backup.id}
      form={form}
      body={volumesInput(form.values, place)}
      calls={{
        plan: (body) => call('POST /backups/:backupId/recovery-plans/volumes', { params, body }),
        start: (body, idempotencyKey) =>
          call('POST /backups/:backupId/recoveries/volumes', { params, body, idempotencyKey }),
        path: `/backups/${backup.id}/recoveries/volumes`,
      }}
      asInForm={(path) => volumeFormPath(path, chosen)}
      fieldNames={(path) => nameOfVolumeField(path, items)}
      startLabel={chosen.length === 1 ? 'Recover the volume' : `Recover ${counted(chosen.length, 'volume')}`}
      typedName={nameOfTarget(source, form.values)}
    >
      {items.map((item, index) => (
        <VolumePanel key={item.snapshot.id} {...{ form, choices, item, index }} isOfMany={resources.length > 1} />
      ))}
      {volumes.some(({ isChosen, attachTo }) => isChosen && attachTo !== '') && (
        <AttachBehaviorField form={form} source={source} items={items} />
      )}
      <CredentialsFields getInputProps={form.getInputProps} values={form.values.credentials} />
    </RecoveryForm>
  );
}

/** What stands at the end of it: the instance whose volumes are switched. */
function nameOfTarget({ choices, resource }: RecoverySource, { volumes }: VolumesValues): string {
  const id = volumes.map(({ attachTo }) => readId(attachTo)).find((one) => one !== '');
  const name = choices.instances.find((one) => one.id === id)?.name;
  return name || id || resource.resourceName || resource.resourceId;
}

const BEHAVIORS: Record<(typeof ATTACH_BEHAVIORS)[number], readonly [label: string, meaning: string]> = {
  'only-if-free': ['Attach only if the device is free', 'A volume whose device is taken is made, but not attached.'],
  switch: ['Switch the attached volumes', 'What is on the device is detached and stays. The instance must be stopped.'],
  'switch-and-delete': [
    'Switch the attached volumes and delete the old ones',
    'What was on the device is deleted once the new volume is attached. The instance must be stopped.',
  ],
};

type BehaviorProps = {
  readonly form: VolumesForm;
  readonly source: RecoverySource;
  readonly items: readonly VolumeItem[];
};

function AttachBehaviorField({ form, source, items }: BehaviorProps) {
  const { attachBehavior } = form.values;
  const change = (next: string) => {
    const behavior = ATTACH_BEHAVIORS.find((one) => one === next) ?? 'only-if-free';
    form.setFieldValue('attachBehavior', behavior);
    const values = { ...form.getValues(), attachBehavior: behavior };
    for (const [index, { snapshot }] of items.entries()) {
      const device = suggestDevice(source.choices, values, { index, device: snapshot.device });
      if (device !== '') form.setFieldValue(`volumes.${index}.deviceName`, device);
    }
  };
  return (
    <Panel>
      <NativeSelect
        label="Where a device is taken"
        description={BEHAVIORS[attachBehavior][1]}
        data={ATTACH_BEHAVIORS.map((value) => ({ value, label: BEHAVIORS[value][0] }))}
        {...form.getInputProps('attachBehavior')}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
    </Panel>
  );
}
