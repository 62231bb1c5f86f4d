import { FieldRow } from '../../ui/form.tsx';
import { OptionalText } from './choice-fields.tsx';
import { asBackedUp } from './form-parts.ts';
import { NumberField } from './number-field.tsx';
import classes from './recover-form.module.css';
import type { DatabasePartProps } from './recover-database-form.tsx';

const STORAGE_TYPES = ['gp2', 'gp3', 'io1', 'io2', 'standard'];

/** Size and speed of a database's storage, folded away. */
export function StorageFields({ form: { getInputProps }, source: { resource } }: DatabasePartProps) {
  const was = resource.database;
  return (
    <details className={classes.fold}>
      <summary>Storage</summary>
      <div className={classes.foldBody}>
        <FieldRow>
          <OptionalText
            getInputProps={getInputProps}
            path="storageType"
            label="Storage type"
            placeholder={asBackedUp(was?.storageType)}
            data={STORAGE_TYPES}
          />
          <NumberField getInputProps={getInputProps} path="sizeGiB" label="Size in GiB" recorded={was?.sizeGiB} />
          <NumberField getInputProps={getInputProps} path="iops" label="IOPS" recorded={was?.iops} />
          <NumberField
            getInputProps={getInputProps}
            path="throughputMiBps"
            label="Throughput in MiB/s"
            recorded={was?.throughputMiBs}
          />
        </FieldRow>
      </div>
    </details>
  );
}
