import type { Snapshot } from '@cpm/contract';
import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { FieldRow } from '../../ui/form.tsx';
import { Panel } from '../../ui/page.tsx';
import { asBackedUp } from './form-parts.ts';
import type { InstancePartProps } from './recover-instance-form.tsx';
import classes from './recover-form.module.css';
import { ShapeFields } from './shape-fields.tsx';
import { recordedVolume } from './volume-shape.ts';

type VolumePanelProps = InstancePartProps & { readonly snapshot: Snapshot; readonly index: number };

/** One volume of the instance: whether it is made, how large, on which device. */
export function InstanceVolumePanel({ form, source: { resource }, snapshot, index }: VolumePanelProps) {
  const path = `volumes.${index}`;
  const { getInputProps } = form;
  const { sourceId, device, isRoot, sizeGiB } = snapshot;
  const name = [sourceId, device, `${sizeGiB} GiB`].filter(Boolean).join(' · ');
  const recorded = recordedVolume(resource, snapshot);
  return (
    <Panel>
      {isRoot ? (
        <p className={classes.chosen}>Root volume {name}</p>
      ) : (
        <Checkbox
          className={classes.chosen}
          label={`Data volume ${name}`}
          {...getInputProps(`${path}.isRecovered`, { type: 'checkbox' })}
        />
      )}
      {form.values.volumes[index]?.isRecovered === true && (
        <div className={classes.fields}>
          <FieldRow>
            <ShapeFields getInputProps={getInputProps} path={path} snapshot={snapshot} recorded={recorded} />
            {!isRoot && (
              <TextInput
                label="Device"
                placeholder={asBackedUp(device)}
                spellCheck={false}
                {...getInputProps(`${path}.deviceName`)}
              />
            )}
            <NativeSelect
              label="When the instance is terminated"
              data={[
                { value: '', label: asBackedUp(recorded && (recorded.deleteOnTermination ? 'it goes' : 'it stays')) },
                { value: 'yes', label: 'The volume goes too' },
                { value: 'no', label: 'The volume stays' },
              ]}
              {...getInputProps(`${path}.deleteOnTermination`)}
            />
          </FieldRow>
          <Checkbox
            label="Give it the tags of the original"
            {...getInputProps(`${path}.preserveTags`, { type: 'checkbox' })}
          />
        </div>
      )}
    </Panel>
  );
}
