import { invalidValue, missingParameter } from './errors.ts';

type Branch = Map<string, Node>;
type Node = string | Branch;

/** The parameters of a request, read by their wire names; a path has dots (`Placement.Tenancy`). */
export type Params = {
  /** The text, or undefined when the parameter was not sent. An empty text stays an empty text. */
  readonly text: (path: string) => string | undefined;
  readonly requiredText: (path: string) => string;
  /** A whole number. Throws InvalidParameterValue for anything else. */
  readonly integer: (path: string) => number | undefined;
  readonly flag: (path: string) => boolean | undefined;
  /** The members of a list, in the order of their numbers. */
  readonly texts: (path: string) => readonly string[];
  readonly structs: (path: string) => readonly Params[];
  readonly struct: (path: string) => Params | undefined;
  readonly has: (path: string) => boolean;
  /** Every text that was sent, in the order of names, for comparing two requests and for finding an id in one. */
  readonly all: () => readonly (readonly [string, string])[];
};

const insert = (root: Branch, path: readonly string[], value: string): void => {
  let branch = root;
  for (const part of path.slice(0, -1)) {
    const next = branch.get(part);
    const child: Branch = next instanceof Map ? next : new Map<string, Node>();
    if (child !== next) branch.set(part, child);
    branch = child;
  }
  const last = path.at(-1) ?? '';
  if (!(branch.get(last) instanceof Map)) branch.set(last, value);
};

const walk = (root: Branch, path: string): Node | undefined => {
  let node: Node | undefined = root;
  for (const part of path.split('.')) node = node instanceof Map ? node.get(part) : undefined;
  return node;
};

const listMembers = (node: Node | undefined): Node[] => {
  if (!(node instanceof Map)) return [];
  const inner = node.get('member');
  const numbered = inner instanceof Map ? inner : node;
  return [...numbered]
    .filter(([name]) => /^\d+$/.test(name))
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, member]) => member);
};

const flatten = (branch: Branch, prefix: string): [string, string][] =>
  [...branch].flatMap(([name, node]): [string, string][] =>
    typeof node === 'string' ? [[prefix + name, node]] : flatten(node, `${prefix}${name}.`),
  );

const paramsOfBranch = (root: Branch): Params => {
  const text = (path: string): string | undefined => {
    const node = walk(root, path);
    return typeof node === 'string' ? node : undefined;
  };
  return {
    text,
    requiredText: (path) => {
      const value = text(path);
      if (value === undefined || value === '') throw missingParameter(path);
      return value;
    },
    integer: (path) => {
      const value = text(path);
      if (value === undefined || value === '') return undefined;
      if (!/^-?\d{1,15}$/.test(value)) throw invalidValue(value, path, 'Expected an integer.');
      return Number(value);
    },
    flag: (path) => {
      const value = text(path)?.toLowerCase();
      if (value === undefined || value === '') return undefined;
      if (value === 'true' || value === '1') return true;
      if (value === 'false' || value === '0') return false;
      throw invalidValue(value, path, 'Expected a boolean.');
    },
    texts: (path) => listMembers(walk(root, path)).filter((member) => typeof member === 'string'),
    structs: (path) =>
      listMembers(walk(root, path))
        .filter((member) => member instanceof Map)
        .map(paramsOfBranch),
    struct: (path) => {
      const node = walk(root, path);
      return node instanceof Map ? paramsOfBranch(node) : undefined;
    },
    has: (path) => walk(root, path) !== undefined,
    all: () => flatten(root, '').toSorted(([a], [b]) => (a < b ? -1 : 1)),
  };
};

/** Reads form fields such as `Filter.1.Value.2=x` into nested parameters. */
export const parseParams = (fields: Iterable<readonly [string, string]>): Params => {
  const root: Branch = new Map();
  for (const [name, value] of fields) insert(root, name.split('.'), value);
  return paramsOfBranch(root);
};

const branchOfJson = (value: unknown): Node | undefined => {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  const members: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((member: unknown, at) => [String(at + 1), member] as const)
    : Object.entries(value);
  return new Map(
    members.flatMap(([name, member]) => {
      const node = branchOfJson(member);
      return node === undefined ? [] : [[name, node] as const];
    }),
  );
};

/** Reads a JSON object into the same form; a list's members are numbered from 1, `null` counts as not sent. */
export const paramsOfJson = (body: Readonly<Record<string, unknown>>): Params => {
  const root = branchOfJson(body);
  return paramsOfBranch(root instanceof Map ? root : new Map());
};
