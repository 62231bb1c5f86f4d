import type { DatabaseConfiguration, Setting } from './database-configuration.ts';

type Recorded = Pick<DatabaseConfiguration, 'settings'>;

/** Settings of a record by name; null for what was not recorded, or as something else. */
export const settingsOf = ({ settings }: Recorded) => {
  const of = <Kind>(name: string, isKind: (value: Setting | undefined) => value is Setting & Kind): Kind | null => {
    const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
    return isKind(value) ? value : null;
  };
  const list = (name: string): readonly Setting[] => {
    const value = Object.hasOwn(settings, name) ? settings[name] : undefined;
    return Array.isArray(value) ? (value as readonly Setting[]) : [];
  };
  return {
    text: (name: string) => of(name, isText),
    number: (name: string) => of(name, isNumber),
    flag: (name: string) => of(name, isFlag),
    texts: (name: string): string[] => list(name).filter(isText),
    fields: (name: string): Readonly<Record<string, Setting>> => of(name, isFields) ?? {},
    /** Of a list of things, what each has under that name. */
    textsIn: (name: string, field: string): string[] =>
      list(name)
        .filter(isFields)
        .map((each) => each[field])
        .filter(isText),
  };
};

const isText = (value: Setting | undefined): value is string => typeof value === 'string' && value !== '';
const isNumber = (value: Setting | undefined): value is number => typeof value === 'number';
const isFlag = (value: Setting | undefined): value is boolean => typeof value === 'boolean';
const isFields = (value: Setting | undefined): value is { readonly [name: string]: Setting } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
