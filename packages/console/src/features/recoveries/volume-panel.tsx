import type { RecoveryChoices } from '@cpm/contract';
import { Autocomplete, Checkbox, Select, TextInput } from '@mantine/core';
import { FieldRow } from '../../ui/form.tsx';
import { Panel } from '../../ui/page.tsx';
import { asBackedUp } from './form-parts.ts';
import classes from './recover-form.module.css';
import type { VolumesForm } from './recover-volumes-form.tsx';
import { ShapeFields } from './shape-fields.tsx';
import { recordedVolume } from './volume-shape.ts';
import { attachableInstances, suggestDevice, type VolumeItem } from './volume-values.ts';

type VolumePanelProps = {
  readonly form: VolumesForm;
  readonly choices: RecoveryChoices;
  readonly item: VolumeItem;
  readonly index: number;
  /** Whether volumes of several resources are on the page. */
  readonly isOfMany: boolean;
};

/** One volume: whether it is made, how large, where, and what it is attached to. */
export function VolumePanel(props: VolumePanelProps) {
  const { form, item, index, isOfMany } = props;
  const { snapshot, resource } = item;
  const { sourceId, device, isRoot, sizeGiB, awsSnapshotId } = snapshot;
  const name = [
    isOfMany ? resource.resourceName : '',
    sourceId,
    device === null ? '' : `${device}${isRoot ? ' (root)' : ''}`,
    `${sizeGiB} GiB`,
  ];
  return (
    <Panel>
      <Checkbox
        className={classes.chosen}
        label={name.filter(Boolean).join(' · ')}
        description={`From ${awsSnapshotId ?? 'its snapshot'}`}
        {...form.getInputProps(`volumes.${index}.isChosen`, { type: 'checkbox' })}
      />
      {form.values.volumes[index]?.isChosen === true && <VolumeFields {...props} />}
    </Panel>
  );
}

function VolumeFields({ form, choices, item: { resource, snapshot }, index }: VolumePanelProps) {
  const path = `volumes.${index}`;
  const { getInputProps, values } = form;
  const volume = values.volumes[index];
  const isAttached = (volume?.attachTo ?? '') !== '';
  const pickInstance = (attachTo: string) => {
    form.setFieldValue(`${path}.attachTo`, attachTo);
    const device = suggestDevice(choices, form.getValues(), { index, device: snapshot.device });
    form.setFieldValue(`${path}.deviceName`, device);
  };
  return (
    <div className={classes.fields}>
      <FieldRow>
        <ShapeFields
          getInputProps={getInputProps}
          path={path}
          snapshot={snapshot}
          recorded={recordedVolume(resource, snapshot)}
        />
        <Select
          label="Zone"
          required
          searchable
          allowDeselect={false}
          nothingFoundMessage="No such zone"
          data={choices.zones}
          {...getInputProps(`${path}.zone`)}
        />
        <Autocomplete
          label="Attach to"
          placeholder="Nothing"
          description="An instance of that zone; or type its id."
          data={[...attachableInstances(choices, { zone: volume?.zone ?? '', behavior: values.attachBehavior })]}
          limit={100}
          clearable
          clearButtonProps={{ 'aria-label': 'Attach to nothing' }}
          {...getInputProps(`${path}.attachTo`)}
          onChange={pickInstance}
        />
        <TextInput
          label="Device"
          placeholder={isAttached ? asBackedUp(snapshot.device) : 'Attached to nothing'}
          disabled={!isAttached}
          spellCheck={false}
          {...getInputProps(`${path}.deviceName`)}
        />
      </FieldRow>
      <Checkbox
        label="Give it the tags of the original"
        {...getInputProps(`${path}.preserveTags`, { type: 'checkbox' })}
      />
    </div>
  );
}
