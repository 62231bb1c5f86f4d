import type { UseFormReturnType } from '@mantine/form';

/** What binds a field to its value in a form, whichever form it is. */
export type InputProps = UseFormReturnType<Record<string, unknown>>['getInputProps'];

/** How a field that may be left out says what it then is. */
export const asBackedUp = (value: string | number | null | undefined): string =>
  value === null || value === undefined || value === '' ? 'As backed up' : `As backed up: ${value}`;

/** The id out of what was picked from a list (`subnet-… · name · zone`) or typed. */
export const readId = (text: string): string => text.trim().split(/\s/)[0] ?? '';

/** `''`: as backed up. */
export type YesNo = '' | 'yes' | 'no';

/** A field of the request that is left out where it is as backed up. */
export const yesNoInput = <Name extends string>(name: Name, value: YesNo) =>
  (value === '' ? {} : { [name]: value === 'yes' }) as { readonly [Key in Name]?: boolean };

/** The same for text. */
export const textInput = <Name extends string>(name: Name, value: string) =>
  (value.trim() === '' ? {} : { [name]: value.trim() }) as { readonly [Key in Name]?: string };

/** The same for a number. */
export const numberInput = <Name extends string>(name: Name, value: number | string) =>
  (value === '' ? {} : { [name]: Number(value) }) as { readonly [Key in Name]?: number };

/** Puts the focus into a field, opening what it is folded into; false where the form has no such field. */
export function focusField(node: HTMLElement | null): boolean {
  if (node === null) return false;
  for (let fold = node.closest('details'); fold !== null; fold = fold.parentElement?.closest('details') ?? null) {
    fold.open = true;
  }
  const field = node.matches('input, select, textarea, button')
    ? node
    : node.querySelector<HTMLElement>('input, select, textarea, button');
  field?.focus();
  field?.scrollIntoView({ block: 'center' });
  return field !== null;
}
