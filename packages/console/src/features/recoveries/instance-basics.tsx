import { IMAGE_HANDLINGS, type ImageHandling, type LaunchSource } from '@cpm/core';
import { Button, Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { IconPhotoSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { FieldRow } from '../../ui/form.tsx';
import { OptionalText } from './choice-fields.tsx';
import { asBackedUp } from './form-parts.ts';
import { ImageAssistant } from './image-assistant.tsx';
import { usesImage } from './instance-input.ts';
import { launchOptions, usualLaunchOf } from './launch-options.ts';
import type { InstancePartProps } from './recover-instance-form.tsx';
import classes from './recover-form.module.css';
import { recordedInstance } from './volume-shape.ts';

const HOW: Record<LaunchSource, string> = {
  snapshot: 'An image is registered from the snapshot of its root volume, and launched.',
  image: 'An existing image is launched as it is: its system is that of the image, not the backed-up one.',
  'image-then-swap':
    'An existing image is launched and stopped; then its root volume is replaced by the backed-up one, and it is started. For Windows and other systems that AWS bills a licence for.',
};
const HANDLINGS: Record<ImageHandling, string> = {
  deregister: 'De-register it after the recovery',
  keep: 'Leave it registered',
  'create-only': 'Only make the image, launch nothing',
};

/** What is launched, how often, as what, and with which key (REC-3). */
export function InstanceBasics({ form, source }: InstancePartProps) {
  const { resource, choices } = source;
  const { values, getInputProps } = form;
  const recorded = recordedInstance(resource);
  const usual = usualLaunchOf(resource);
  const isFromImage = usesImage(values, usual);
  return (
    <div className={classes.fields}>
      <FieldRow>
        <NativeSelect
          label="Launch from"
          description={HOW[values.launchFrom === '' ? usual : values.launchFrom]}
          data={launchOptions(resource)}
          {...getInputProps('launchFrom')}
        />
        {isFromImage ? (
          <ImageId form={form} source={source} />
        ) : (
          <NativeSelect
            label="The new image"
            description={
              values.imageHandling === 'deregister'
                ? 'It is used for this recovery only.'
                : 'Its snapshots are kept while it is registered.'
            }
            data={IMAGE_HANDLINGS.map((value) => ({ value, label: HANDLINGS[value] }))}
            {...getInputProps('imageHandling')}
          />
        )}
      </FieldRow>
      {values.imageHandling !== 'create-only' || isFromImage ? (
        <>
          <FieldRow>
            <NumberInput label="How many" min={1} max={20} allowDecimal={false} {...getInputProps('count')} />
            <TextInput
              label="Instance type"
              placeholder={asBackedUp(resource.instanceType)}
              spellCheck={false}
              {...getInputProps('instanceType')}
            />
            <OptionalText
              getInputProps={getInputProps}
              path="keyName"
              label="Key pair"
              placeholder={asBackedUp(recorded?.keyName)}
              data={choices.keyPairs}
              {...(recorded?.keyName == null
                ? {}
                : {
                    without: {
                      path: 'without.keyName',
                      label: 'Launch without a key pair',
                      isChosen: values.without.keyName,
                    },
                  })}
            />
          </FieldRow>
          <Checkbox label="Give it the tags of the original" {...getInputProps('preserveTags', { type: 'checkbox' })} />
        </>
      ) : null}
    </div>
  );
}

function ImageId({ form, source }: InstancePartProps) {
  const [isOpen, setOpen] = useState(false);
  const recorded = recordedInstance(source.resource);
  return (
    <div className={classes.assistant}>
      <TextInput
        label="Image id"
        placeholder={asBackedUp(recorded?.image.imageId)}
        spellCheck={false}
        {...form.getInputProps('imageId')}
      />
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPhotoSearch size={14} />}
        onClick={() => setOpen(true)}
      >
        AMI Assistant
      </Button>
      {isOpen && (
        <ImageAssistant
          backupId={source.backup.id}
          resourceId={source.resource.id}
          region={source.target.region}
          onClose={() => setOpen(false)}
          onPick={(imageId) => {
            form.setFieldValue('imageId', imageId);
            setOpen(false);
          }}
        />
      )}
    </div>
  );
}
