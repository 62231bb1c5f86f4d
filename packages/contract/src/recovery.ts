import { RECOVERY_KINDS, RECOVERY_OBJECT_KINDS } from '@cpm/core';
import { z } from 'zod';
import { id, time } from './common.ts';

export const recoveryStatus = z.enum(['in-progress', 'successful', 'partial', 'failed']);

export const recoveryObjectKind = z.enum(RECOVERY_OBJECT_KINDS);

export const plannedObject = z.object({
  action: z.enum(['create', 'change', 'delete']),
  kind: recoveryObjectKind,
  name: z.string().meta({ description: 'Its id, or what it will be called.' }),
  note: z.string(),
});

/** Everything a recovery made, replaced or met on its way, also what was cleaned up. */
const madeObject = z.object({
  kind: recoveryObjectKind,
  role: z.enum(['made', 'replaced']),
  awsId: z.string().nullable(),
  region: z.string(),
  state: z.enum(['creating', 'kept', 'removed', 'failed']),
  note: z.string(),
  madeAt: time,
});

export const recovery = z
  .object({
    id,
    backupId: id,
    policyName: z.string(),
    accountName: z.string(),
    kind: z.enum(RECOVERY_KINDS),
    region: z.string(),
    sourceName: z.string(),
    groupId: id.nullable().meta({ description: 'The same for recoveries that were asked for together.' }),
    usesOwnCredentials: z.boolean().meta({ description: "Whether other credentials than the account's were given." }),
    status: recoveryStatus,
    statusText: z.string(),
    step: z.string().meta({ description: 'What is being done, in words.' }),
    steps: z.array(z.object({ text: z.string(), state: z.enum(['waiting', 'running', 'done', 'failed']) })),
    progressPercent: z.number(),
    reasons: z.array(z.string()),
    warnings: z.array(z.string()).meta({ description: 'What will differ from the original.' }),
    startedAt: time,
    endedAt: time.nullable(),
    planned: z.array(plannedObject),
    objects: z.array(madeObject),
    inputs: z.record(z.string(), z.unknown()).meta({ description: 'What was asked for, without what is secret.' }),
    rollBack: z
      .object({
        state: z.enum(['impossible', 'offered', 'kept', 'running', 'done', 'failed']),
        reasons: z.array(z.string()).meta({ description: 'Why it is impossible, or failed.' }),
        objects: z
          .array(plannedObject)
          .meta({ description: 'What rolling back deletes, and what it puts back into its place.' }),
      })
      .meta({ description: 'Whether what it made can be taken away again, or was.' }),
  })
  .meta({ id: 'Recovery' });

/** What all that is done with one recovery is called by. */
export const recoveryParams = z.object({ recoveryId: id });

export type Recovery = z.output<typeof recovery>;
