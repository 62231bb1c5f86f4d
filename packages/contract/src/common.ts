import { isUuid, validateName } from '@cpm/core';
import { z } from 'zod';

/** Every id of CPM's own records. */
export const id = z.string().refine(isUuid, 'this is no id of CPM').meta({ format: 'uuid' });
/** A moment in ISO 8601, UTC, with milliseconds. */
export const time = z.string().meta({ format: 'date-time', examples: ['2026-01-31T02:00:00.000Z'] });
/** A region's name; its form is checked before any address is built from it. */
export const region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+){1,3}-\d{1,2}$/, 'this is no region name such as eu-central-1');
/** The name of an account, a user or a token; schedules and policies are checked by their own rules. */
export const name = z.string().check((checked) => {
  const wrong = validateName(checked.value);
  if (wrong !== null) checked.issues.push({ code: 'custom', message: wrong, input: checked.value });
});
export const description = z.string().max(512, 'at most 512 characters');
export const tags = z.array(z.object({ key: z.string(), value: z.string() }));

const wholeNumber = (text: string) => (/^\d+$/.test(text) ? Number(text) : Number.NaN);

/** The query of every list: how many, and where the previous page ended. */
export const pageQuery = z.object({
  limit: z
    .string()
    .transform(wholeNumber)
    .pipe(z.number('a whole number from 1 to 200').min(1, 'at least 1').max(200, 'at most 200'))
    .optional()
    .meta({ description: 'Rows a page, 1 to 200 (50 unless told).' }),
  cursor: z.string().max(512).optional().meta({ description: 'The `next` of the page before.' }),
});

/** A page of a list; `next` is null on the last one. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ items: z.array(row), next: z.string().nullable() });

export const nothing = z.undefined();

/** RFC 9457, with CPM's code, hint and fields, and what AWS said where AWS said it. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    code: z.string(),
    detail: z.string().optional(),
    hint: z.string().optional(),
    requestId: z.string(),
    fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    aws: z
      .object({
        code: z.string(),
        action: z.string(),
        message: z.string().optional(),
        requestId: z.string().optional(),
        region: z.string().optional(),
      })
      .optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.output<typeof problem>;
