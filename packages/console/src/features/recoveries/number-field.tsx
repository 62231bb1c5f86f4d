import { NumberInput } from '@mantine/core';
import { asBackedUp, type InputProps } from './form-parts.ts';

type NumberFieldProps = {
  readonly getInputProps: InputProps;
  readonly path: string;
  readonly label: string;
  readonly recorded: number | null | undefined;
};

/** A whole number; empty: as backed up. */
export function NumberField({ getInputProps, path, label, recorded }: NumberFieldProps) {
  return (
    <NumberInput
      label={label}
      allowDecimal={false}
      placeholder={recorded == null ? 'As AWS sets it' : asBackedUp(recorded)}
      {...getInputProps(path)}
    />
  );
}
