import type { Snapshot } from '@cpm/contract';
import { VOLUME_TYPES } from '@cpm/core';
import { NumberInput, TextInput } from '@mantine/core';
import { ChoiceField } from './choice-fields.tsx';
import { asBackedUp, type InputProps } from './form-parts.ts';

type Recorded = {
  readonly volumeType: string;
  readonly iops: number | null;
  readonly throughputMiBps: number | null;
  readonly kmsKeyId: string | null;
};
type ShapeFieldsProps = {
  readonly getInputProps: InputProps;
  /** Where the values are in the form, such as `volumes.0`. */
  readonly path: string;
  readonly snapshot: Snapshot;
  readonly recorded: Recorded | null;
};

const SPEED_TYPES = ['gp3', 'io1', 'io2'];

/** Size, type, IOPS, throughput and key of a volume, to stand in a row; what the chosen type does not know is off. */
export function ShapeFields({ getInputProps, path, snapshot, recorded }: ShapeFieldsProps) {
  const { value } = getInputProps(`${path}.volumeType`) as { value: string };
  const type = value || (recorded?.volumeType ?? '');
  const takesIops = type === '' || SPEED_TYPES.includes(type);
  const takesThroughput = type === '' || type === 'gp3';
  const was = (figure: number | null | undefined) => (figure == null ? 'As AWS sets it' : asBackedUp(figure));
  return (
    <>
      <NumberInput
        label="Size in GiB"
        min={snapshot.sizeGiB}
        clampBehavior="none"
        allowDecimal={false}
        placeholder={asBackedUp(snapshot.sizeGiB)}
        {...getInputProps(`${path}.sizeGiB`)}
      />
      <ChoiceField
        getInputProps={getInputProps}
        path={`${path}.volumeType`}
        label="Type"
        recorded={recorded?.volumeType ?? null}
        options={VOLUME_TYPES.map((name) => ({ value: name, label: name }))}
      />
      <NumberInput
        label="IOPS"
        allowDecimal={false}
        disabled={!takesIops}
        placeholder={takesIops ? was(recorded?.iops) : `${type} takes none`}
        {...getInputProps(`${path}.iops`)}
      />
      <NumberInput
        label="Throughput in MiB/s"
        allowDecimal={false}
        disabled={!takesThroughput}
        placeholder={takesThroughput ? was(recorded?.throughputMiBps) : `${type} takes none`}
        {...getInputProps(`${path}.throughputMiBps`)}
      />
      <TextInput
        label="Encryption key"
        spellCheck={false}
        placeholder={snapshot.encrypted ? asBackedUp(recorded?.kmsKeyId) : 'None: not encrypted'}
        description={snapshot.encrypted ? undefined : 'An id, ARN or alias encrypts it.'}
        {...getInputProps(`${path}.kmsKeyId`)}
      />
    </>
  );
}
