import { ApiError } from '@cpm/contract/client';
import { cpmError, type ExitCode } from '@cpm/core';
import type { Surroundings } from './surroundings.ts';

/** One option of a command: how it is written, what it is for, and how its text becomes a value. */
export type OptionSpec<Value> = {
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly isMany?: boolean;
  readonly isNeeded?: boolean;
  /** What the API calls it, where that is not the flag in camelCase. */
  readonly field?: string;
  /** `raw` is what the parser of the command line found: a text, a list of texts, true, or nothing. */
  readonly read: (raw: unknown) => Value;
};

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;
/** Positional arguments in their order, each with its description; a name that ends in `?` may be left out. */
export type ArgumentSpecs = Readonly<Record<string, string>>;

type OptionValues<Options extends OptionSpecs> = { readonly [Key in keyof Options]: ReturnType<Options[Key]['read']> };
type ArgumentValues<Args extends ArgumentSpecs> = {
  readonly [Key in keyof Args as Key extends `${infer Name}?` ? Name : Key]: Key extends `${string}?`
    ? string | undefined
    : string;
};

type CommandDef<Args extends ArgumentSpecs, Options extends OptionSpecs> = {
  readonly args?: Args;
  readonly options?: Options;
  /** Whole command lines, shown by `--help`. */
  readonly examples: readonly string[];
  /** What `--help` says below the options. */
  readonly notes?: string;
  readonly run: (
    context: Surroundings & { readonly args: ArgumentValues<Args>; readonly options: OptionValues<Options> },
  ) => Promise<ExitCode | void>;
};

/** What was typed, before it is read: arguments by name, options by the name of their long flag in camelCase. */
export type Typed = {
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly options: Readonly<Record<string, unknown>>;
};

/** A command as the program sees it: its description as data, and one door to run it. */
export type LoadedCommand = {
  readonly args: ArgumentSpecs;
  readonly options: OptionSpecs;
  readonly examples: readonly string[];
  readonly notes: string;
  readonly start: (surroundings: Surroundings, typed: Typed) => Promise<ExitCode | void>;
};

/** Declares one command; `run` gets arguments and options with the types that the declaration gives them. */
export function defineCommand<const Args extends ArgumentSpecs, const Options extends OptionSpecs>(
  def: CommandDef<Args, Options>,
): LoadedCommand {
  const { args, options, examples, notes = '', run } = def;
  return {
    args: args ?? {},
    options: options ?? {},
    examples,
    notes,
    start: async (surroundings, typed) => {
      const values = Object.entries(options ?? {}).map(([key, spec]) => [
        key,
        spec.read(typed.options[attributeOf(spec)]),
      ]);
      const given = {
        ...surroundings,
        args: typed.args as ArgumentValues<Args>,
        options: Object.fromEntries(values) as OptionValues<Options>,
      };
      return run(given).catch((error: unknown) => {
        throw renameFields(error, (path) => flagOfField(path, options ?? {}));
      });
    },
  };
}

/** `--access-key-id <id>` → `--access-key-id`. */
export function longFlagOf(spec: OptionSpec<unknown>): string {
  return /--[a-z0-9-]+/.exec(spec.flags)?.[0] ?? spec.flags;
}

/** `--access-key-id <id>` → `accessKeyId`. */
function attributeOf(spec: OptionSpec<unknown>): string {
  return longFlagOf(spec)
    .slice(2)
    .replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The server's refusal with each field under the name that `rename` has for its path; any other error as it is. */
export function renameFields(error: unknown, rename: (path: string) => string | undefined): unknown {
  if (!(error instanceof ApiError) || error.problem.fields === undefined) return error;
  const fields = error.problem.fields.map((field) => ({ ...field, path: rename(field.path) ?? field.path }));
  return new ApiError({ ...error.problem, fields });
}

/** The option that a field of the API came from: `scripts.timeoutSeconds` → `--script-timeout`. */
function flagOfField(path: string, options: OptionSpecs): string | undefined {
  const plain = path.replace(/^query\./, '');
  const specs = Object.values(options);
  const holds = (whole: string, part: string) => whole === part || part.startsWith(`${whole}.`);
  const found = specs.find((spec) => holds(fieldOf(spec), plain)) ?? specs.find((spec) => holds(plain, fieldOf(spec)));
  return found === undefined ? undefined : longFlagOf(found);
}

const fieldOf = (spec: OptionSpec<unknown>): string => spec.field ?? attributeOf(spec);

/** An option that the API calls something else. */
export function asField<Value>(field: string, spec: OptionSpec<Value>): OptionSpec<Value> {
  return { ...spec, field };
}

/** The error of a wrong option or argument; ends the command with the exit code for wrong usage. */
export function wrongInput(path: string, message: string): Error {
  return cpmError('invalid_request', { fields: [{ path, message }] });
}

/** An option that may be left out. */
export function text(flags: string, description: string): OptionSpec<string | undefined> {
  return { flags, description, read: (raw) => (typeof raw === 'string' ? raw : undefined) };
}

/** An option that must be given. */
export function needed(flags: string, description: string): OptionSpec<string> {
  return { flags, description, isNeeded: true, read: String };
}

/** An option without a value. */
export function flag(flags: string, description: string): OptionSpec<boolean> {
  return { flags, description, read: (raw) => raw === true };
}

/** An option that may be given several times. */
export function many(flags: string, description: string): OptionSpec<readonly string[]> {
  return { flags, description, isMany: true, read: (raw) => (Array.isArray(raw) ? raw.map(String) : []) };
}

/** An option with a fixed set of values. */
export function oneOf<const Choice extends string>(
  flags: string,
  description: string,
  choices: readonly Choice[],
): OptionSpec<Choice | undefined> {
  return { flags, description, choices, read: (raw) => choices.find((choice) => choice === raw) };
}

/** An option that is `yes` or `no`. */
export function yesOrNo(flags: string, description: string): OptionSpec<boolean | undefined> {
  return {
    flags,
    description,
    choices: ['yes', 'no'],
    read: (raw) => (typeof raw === 'string' ? raw === 'yes' : undefined),
  };
}

/** An option that is a whole number of at least 1; the server checks its upper bound. */
export function wholeNumber(flags: string, description: string): OptionSpec<number | undefined> {
  const spec = { flags, description };
  return {
    ...spec,
    read: (raw) => (typeof raw === 'string' ? readWholeNumber(raw, longFlagOf({ ...spec, read: String })) : undefined),
  };
}

/** An option that is a whole number and may be 0; the server checks its upper bound. */
export function count(flags: string, description: string): OptionSpec<number | undefined> {
  const path = longFlagOf({ flags, description, read: String });
  return parsed(flags, description, (raw) => (raw === '0' ? 0 : readWholeNumber(raw, path, 0)));
}

/** Reads a whole number from 1 to 999999999; throws `invalid_request` naming the path and the least that may be given. */
export function readWholeNumber(raw: string, path: string, least: 0 | 1 = 1): number {
  if (/^[1-9]\d{9,}$/.test(raw)) throw wrongInput(path, `"${raw}" is too large`);
  if (!/^[1-9]\d{0,8}$/.test(raw)) throw wrongInput(path, `"${raw}" is no whole number of at least ${least}`);
  return Number(raw);
}

/** An option whose text is read by a function of its own; the function throws `invalid_request`. */
export function parsed<Value>(
  flags: string,
  description: string,
  parse: (raw: string) => Value,
): OptionSpec<Value | undefined> {
  return { flags, description, read: (raw) => (typeof raw === 'string' ? parse(raw) : undefined) };
}
