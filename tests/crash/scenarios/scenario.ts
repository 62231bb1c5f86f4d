import type { CrashRig } from '../support/crash-rig.ts';
import type { DueSlots } from '../../invariants/i04-slots.ts';

/** One time through a scenario's story, from its beginning to its last consequence. */
export type Play = {
  /** Does what a person does next when its time has come; answers whether all is over. Asked again and again. */
  readonly isOver: () => Promise<boolean>;
  /** What the story should have brought, asked when everything has settled: a sentence for each thing that is wrong. */
  readonly findFaults: () => Promise<readonly string[]>;
};

/** Where scenarios are played. */
export type Scene = CrashRig & { readonly slots: DueSlots };

export type Scenario = {
  readonly name: string;
  /** What happens in it, for the help. */
  readonly story: string;
  /** Makes what every play needs, once; answers how one begins. */
  readonly prepare: (scene: Scene) => Promise<() => Promise<Play>>;
};
