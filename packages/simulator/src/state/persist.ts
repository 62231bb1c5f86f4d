import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { emptyRegion, type Region, type World } from './world.ts';

const FORM = 'aws-simulator-state-1';

/** What outlives a run: everything the accounts own and who they are; not the faults, calls and buckets of the run. */
export type KeptState = Pick<World, 'accounts' | 'credentials' | 'regions'> & {
  /** How many objects were made so far: order of age goes on from there. */
  readonly made: number;
};

// A file of an earlier simulator knows fewer kinds of things.
const wholeRegion = (region: Region): Region => ({
  ...emptyRegion(region.name, region.optIn, region.zones),
  ...region,
});

/** Reads a state file; undefined when there is none yet. Throws a RangeError for a file that is no state of a simulator. */
export const readState = (file: string): KeptState | undefined => {
  if (!existsSync(file)) return undefined;
  try {
    const { form, ...state } = deserialize(readFileSync(file)) as KeptState & { readonly form: string };
    if (form === FORM)
      return { ...state, regions: new Map([...state.regions].map(([name, region]) => [name, wholeRegion(region)])) };
  } catch {
    // Whatever it is, it is none of ours.
  }
  throw new RangeError(`${file} is no state file of this simulator; remove it to begin with the estate again`);
};

/** Writes the state beside the file and renames it, so that a kill leaves the old one whole. */
export const writeState = (file: string, { accounts, credentials, regions, ids }: World): void => {
  writeFileSync(`${file}.new`, serialize({ form: FORM, accounts, credentials, regions, made: ids.seq() }), {
    mode: 0o600,
  });
  renameSync(`${file}.new`, file);
};
