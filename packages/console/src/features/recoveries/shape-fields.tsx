import type { Snapshot } from '@cpm/contract';
import { VOLUME_TYPES } from '@cpm/core';
import { NativeSelect, NumberInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

type Recorded = { readonly volumeType: string; readonly iops: number | null; readonly throughputMiBps: number | null };
type ShapeFieldsProps = {
  readonly getInputProps: UseFormReturnType<Record<string, unknown>>['getInputProps'];
  /** Where the values are in the form, such as `volumes.0`. */
  readonly path: string;
  readonly snapshot: Snapshot;
  readonly recorded: Recorded | null;
};

const SPEED_TYPES = ['gp3', 'io1', 'io2'];

/** Size, type, IOPS and throughput of a volume, to stand in a row; what the chosen type does not know is off. */
export function ShapeFields({ getInputProps, path, snapshot, recorded }: ShapeFieldsProps) {
  const typeProps = getInputProps(`${path}.volumeType`) as { value: string };
  const type = typeProps.value || (recorded?.volumeType ?? '');
  const takesIops = type === '' || SPEED_TYPES.includes(type);
  const takesThroughput = type === '' || type === 'gp3';
  const was = (figure: number | null | undefined, unit: string) =>
    figure == null ? 'As AWS sets it' : `As backed up: ${figure} ${unit}`;
  return (
    <>
      <NumberInput
        label="Size in GiB"
        min={snapshot.sizeGiB}
        clampBehavior="none"
        allowDecimal={false}
        placeholder={`As backed up: ${snapshot.sizeGiB}`}
        {...getInputProps(`${path}.sizeGiB`)}
      />
      <NativeSelect
        label="Type"
        data={[
          { value: '', label: recorded ? `As backed up: ${recorded.volumeType}` : 'As backed up' },
          ...VOLUME_TYPES.map((value) => ({ value, label: value })),
        ]}
        {...typeProps}
      />
      <NumberInput
        label="IOPS"
        allowDecimal={false}
        disabled={!takesIops}
        placeholder={takesIops ? was(recorded?.iops, 'IOPS') : `${type} takes none`}
        {...getInputProps(`${path}.iops`)}
      />
      <NumberInput
        label="Throughput in MiB/s"
        allowDecimal={false}
        disabled={!takesThroughput}
        placeholder={takesThroughput ? was(recorded?.throughputMiBps, 'MiB/s') : `${type} takes none`}
        {...getInputProps(`${path}.throughputMiBps`)}
      />
    </>
  );
}
