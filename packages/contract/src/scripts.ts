import { SCRIPT_STEPS } from '@cpm/core';
import { z } from 'zod';
import { id } from './common.ts';
import { route } from './route.ts';

const step = z.enum(SCRIPT_STEPS);

export const policyScriptFiles = z
  .object({
    directory: z.string().meta({ description: "Where the scripts of the policy's owner belong, on the server." }),
    items: z.array(
      z.object({
        step,
        file: z
          .string()
          .nullable()
          .meta({ description: 'What a backup would run; null when there is nothing it can.' }),
        problem: z.string().nullable().meta({ description: 'Why not.' }),
      }),
    ),
  })
  .meta({ id: 'PolicyScriptFiles' });

export const scriptTrial = z
  .object({
    ended: z.enum(['succeeded', 'failed']),
    reason: z.string().nullable(),
    exitCode: z.number().nullable(),
    output: z.string().nullable().meta({ description: 'What it wrote to its standard error.' }),
    durationMs: z.number(),
  })
  .meta({ id: 'ScriptTrial' });

export const scripts = {
  list: route({
    id: 'listPolicyScripts',
    method: 'GET',
    path: '/policies/:policyId/scripts',
    summary: "The scripts on the server that the policy's name owns, before, after and complete.",
    access: 'policy.read',
    params: z.object({ policyId: id }),
    ok: { status: 200, schema: policyScriptFiles },
  }),
  test: route({
    id: 'testPolicyScript',
    method: 'POST',
    path: '/policies/:policyId/scripts/:step/test',
    summary: 'Runs one of these scripts now, as a backup would, and answers when it has ended; no backup is made.',
    access: 'policy.update',
    params: z.object({ policyId: id, step }),
    body: z.strictObject({
      argument: z.enum(['1', '0']).default('1').meta({ description: 'What "after" and "complete" are told.' }),
    }),
    ok: { status: 200, schema: scriptTrial },
    errors: ['too_many_attempts'],
  }),
};
export type PolicyScriptFiles = z.output<typeof policyScriptFiles>;
export type ScriptTrial = z.output<typeof scriptTrial>;
