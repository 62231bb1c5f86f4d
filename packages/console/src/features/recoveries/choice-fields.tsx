import { Autocomplete, Checkbox, NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { asBackedUp, type InputProps } from './form-parts.ts';
import classes from './recover-form.module.css';

type FieldProps = {
  readonly getInputProps: InputProps;
  readonly path: string;
  readonly label: string;
  readonly description?: ReactNode;
};

type ChoiceProps = FieldProps & {
  readonly recorded: string | null;
  readonly options: readonly { readonly value: string; readonly label: string; readonly disabled?: boolean }[];
  readonly disabled?: boolean;
};

/** One of a few, the first of them "as backed up". */
export function ChoiceField({ getInputProps, path, recorded, options, ...field }: ChoiceProps) {
  return (
    <NativeSelect {...field} data={[{ value: '', label: asBackedUp(recorded) }, ...options]} {...getInputProps(path)} />
  );
}

const YES_NO = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
];

/** Yes, no, or as backed up. */
export function YesNoField({
  recorded,
  ...field
}: FieldProps & { readonly recorded: boolean | null; readonly disabled?: boolean }) {
  return <ChoiceField {...field} recorded={recorded === null ? null : recorded ? 'yes' : 'no'} options={YES_NO} />;
}

type OptionalTextProps = FieldProps & {
  readonly data?: readonly string[];
  readonly placeholder: string;
  /** Offers to do without; not where the original had none anyway. */
  readonly without?: { readonly path: string; readonly label: string; readonly isChosen: boolean };
  readonly disabled?: boolean;
};

/** Text that is typed or picked from a filtered list; empty: as backed up. */
export function OptionalText(props: OptionalTextProps) {
  const { getInputProps, path, label, description, data = [], placeholder, without, disabled = false } = props;
  return (
    <div className={classes.optional}>
      <Autocomplete
        label={label}
        description={description}
        placeholder={without?.isChosen === true ? 'None' : placeholder}
        data={[...new Set(data)]}
        limit={100}
        spellCheck={false}
        clearable
        clearButtonProps={{ 'aria-label': `${label} as backed up` }}
        disabled={disabled || without?.isChosen === true}
        {...getInputProps(path)}
      />
      {without && <Checkbox size="xs" label={without.label} {...getInputProps(without.path, { type: 'checkbox' })} />}
    </div>
  );
}
