import type { Kysely } from 'kysely';
import type { Database } from '../../packages/server/src/db/schema.ts';
import type { SimulatedAws } from '../flows/support/simulated-aws.ts';
import { findDoubles } from './doubles.ts';
import { findOrphans } from './i01-orphans.ts';
import { findPhantoms } from './i02-phantoms.ts';
import { findRetentionFaults, type KeptFrom } from './i03-retention.ts';
import { findSlotFaults, type Slot } from './i04-slots.ts';
import { findScriptFaults, type Trace } from './i05-scripts.ts';
import { findFalseGreen } from './i06-green.ts';
import { findSecrets, type Text } from './i07-secrets.ts';
import { findUnlisted } from './i08-recoveries.ts';
import { findAlertFaults, type AlertCircumstances } from './i09-alerts.ts';
import { findFencedWrites } from './i10-fence.ts';
import { findStuck } from './i11-stuck.ts';
import { findWrongOutcomes } from './outcomes.ts';
import { findFalsePoints } from './recovery-points.ts';
import { readTruth } from './truth.ts';

/** Both sides, and what a run knows besides; an invariant whose witness is missing is not asked. */
export type Evidence = {
  readonly db: Kysely<Database>;
  readonly aws: Pick<SimulatedAws, 'things'>;
  /** I3: how many generations each policy has kept from when on. */
  readonly kept?: readonly KeptFrom[];
  /** I4: every slot that has come. */
  readonly due?: readonly Slot[];
  /** I5: what the scripts wrote down themselves. */
  readonly trace?: readonly Trace[];
  /** I7: what must stand nowhere, and the logs and answers to look through beside the database. */
  readonly secrets?: readonly string[];
  readonly texts?: readonly Text[];
  /** I9: what is to be known of the run's clock. */
  readonly alerts?: AlertCircumstances;
  /** I10: `noteWriters` was called before the first server started. */
  readonly writers?: boolean;
};

/**
 * Compares what exists in the simulated AWS with what CPM has on record, once everything has settled: one sentence for each
 * violation of the invariants I1 to I11, none where both agree.
 */
export async function checkInvariants(evidence: Evidence): Promise<string[]> {
  const { db, aws, kept, due, trace, alerts, secrets = [], texts = [], writers = false } = evidence;
  const truth = await readTruth(db, aws);
  return [
    ...findOrphans(truth),
    ...findPhantoms(truth),
    ...findDoubles(truth),
    ...findRetentionFaults(truth, kept),
    ...(due === undefined ? [] : findSlotFaults(truth, due)),
    ...(trace === undefined ? [] : findScriptFaults(truth, trace)),
    ...findFalseGreen(truth),
    ...(await findSecrets(db, secrets, texts)),
    ...findUnlisted(truth),
    ...findFalsePoints(truth),
    ...(alerts === undefined ? [] : findAlertFaults(truth, alerts)),
    ...(writers ? await findFencedWrites(db) : []),
    ...findStuck(truth),
    ...findWrongOutcomes(truth),
  ];
}
