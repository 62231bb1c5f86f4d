import { ERROR_CATALOGUE, type ErrorCode } from '@cpm/core';
import { z } from 'zod';
import { problem } from './common.ts';
import type { RouteDef } from './route.ts';
import { apiRoutes } from './routes.ts';

type Json = Record<string, unknown>;

/** Of the API, not of the product: whoever is not signed in learns nothing about what runs here (S60). */
const API_VERSION = '1.0.0';

/** Errors that any route may answer; signed-in routes add the second list. */
const ALWAYS: readonly ErrorCode[] = ['internal'];
const SIGNED_IN: readonly ErrorCode[] = ['not_signed_in', 'forbidden'];

/** The OpenAPI 3.1 document of the API, derived from the route table; the same for the same table. */
export function openApiDocument(): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const each of apiRoutes) {
    const path = each.path.replaceAll(/:(\w+)/g, '{$1}');
    const operations = (paths[path] ??= {});
    operations[each.method.toLowerCase()] = operation(each, schemas);
  }
  schemas['Problem'] = toSchema(problem, 'output', schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'CPM: Cloud Protection Manager',
      version: API_VERSION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => a.localeCompare(b))),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-cpm', description: 'The session of the console.' },
      },
    },
  };
}

function operation(definition: RouteDef, schemas: Json): Json {
  return {
    operationId: definition.id,
    summary: definition.summary,
    ...(definition.access === 'public' ? { security: [] } : { 'x-cpm-operation': definition.access }),
    ...parameters(definition, schemas),
    ...(definition.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(toSchema(definition.body, 'input', schemas)) } }),
    responses: { ...success(definition, schemas), ...failures(definition) },
  };
}

function parameters(definition: RouteDef, schemas: Json): Json {
  const header = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 128 } };
  const all = [
    ...partParameters('path', definition.params, schemas),
    ...partParameters('query', definition.query, schemas),
    ...(definition.idempotent === true ? [header] : []),
  ];
  return all.length === 0 ? {} : { parameters: all };
}

function partParameters(place: 'path' | 'query', schema: z.ZodObject | undefined, schemas: Json): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, each]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: toSchema(each as z.ZodType, 'input', schemas),
  }));
}

function success(definition: RouteDef, schemas: Json): Json {
  const { status, schema } = definition.ok;
  if (status === 204) return { 204: { description: 'Done.' } };
  return { [status]: { description: 'Done.', content: json(toSchema(schema, 'output', schemas)) } };
}

function failures(definition: RouteDef): Json {
  const codes: ErrorCode[] = [
    ...ALWAYS,
    ...(definition.access === 'public' ? [] : SIGNED_IN),
    ...(definition.errors ?? []),
  ];
  if (definition.body !== undefined || definition.query !== undefined) codes.push('invalid_request');
  if (definition.params !== undefined) codes.push('not_found');
  if (definition.idempotent === true) codes.push('idempotency_mismatch');
  const byStatus = Map.groupBy(new Set(codes), (code) => ERROR_CATALOGUE[code].httpStatus);
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, each]) => [
      status,
      { description: `Problem: ${each.toSorted().join(', ')}.`, content },
    ]),
  );
}

const json = (schema: unknown): Json => ({ 'application/json': { schema } });

/** JSON Schema of one part; what carries an id moves to the components. */
function toSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): unknown {
  const {
    $schema: _,
    $defs,
    ...rest
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] ??= moveRefs(definition);
  return moveRefs(rest);
}

function moveRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moveRefs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, each]) => !(key === 'id' && typeof each === 'string'))
      .map(([key, each]) => [
        key,
        key === '$ref' && typeof each === 'string' ? each.replace('#/$defs/', '#/components/schemas/') : moveRefs(each),
      ]),
  );
}
