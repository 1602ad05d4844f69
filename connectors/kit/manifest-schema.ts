/** A manifest checked at start, so that a mistake in one is found before somebody uses it. */
import { z } from 'zod';
import { failureClassSchema } from '../../src/shared/activity/activity.ts';
import { categorySchema, fieldDescriptorSchema, sourceFieldSchema } from '../../src/shared/connector.ts';
import { connectorIdSchema } from '../../src/shared/ids.ts';
import { columnNameSchema, fieldMappingSchema } from '../../src/shared/job/job.ts';
import { productSchema } from '../../src/shared/tenant.ts';
import type { Manifest } from './manifest.ts';

const functionSchema = z.custom<(...parameters: never[]) => unknown>(
  (value) => typeof value === 'function',
  'must be a function',
);
const text = z.string().min(1);

/** Grouping that can take exponential time has no place in a pattern that is tried on typed input. */
const patternSchema = z
  .string()
  .refine((source) => isLinearPattern(source), 'must compile and hold no nested repetition');

const fieldSchema = fieldDescriptorSchema
  .refine(
    (field) => field.pattern === undefined || patternSchema.safeParse(field.pattern.source).success,
    'has a pattern that does not compile or repeats a repetition',
  )
  .refine((field) => field.kind !== 'select' || (field.options?.length ?? 0) > 0, 'is a select without options')
  .refine((field) => field.help !== '', 'has no help');

const headerShape = { name: z.string().regex(/^[\w-]+$/), credential: text };
const applySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('bearer'),
    credential: text,
    scheme: z
      .string()
      .regex(/^[\w-]+$/)
      .optional(),
  }),
  z.strictObject({ kind: z.literal('header'), ...headerShape }),
  z.strictObject({ kind: z.literal('headers'), headers: z.array(z.strictObject(headerShape)).min(1) }),
  z.strictObject({ kind: z.literal('basic'), user: functionSchema, password: functionSchema }),
  z.strictObject({ kind: z.literal('aws') }),
]);

const noRevocationSchema = z.strictObject({ kind: z.literal('none'), reason: text });
const revocationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rfc7009'), url: functionSchema }),
  z.strictObject({ kind: z.literal('request'), lookup: functionSchema.optional(), request: functionSchema }),
  noRevocationSchema,
]);

const authSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('key'),
    id: text,
    label: text,
    fields: z.array(fieldSchema).min(1),
    apply: applySchema,
    revocation: noRevocationSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('token'),
    id: text,
    label: text,
    fields: z.array(fieldSchema).min(1),
    issue: functionSchema,
    learn: functionSchema.optional(),
    apply: applySchema,
    revocation: noRevocationSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('oauth-code'),
    id: text,
    label: text,
    fields: z.array(fieldSchema),
    defaultWay: z.enum(['window', 'browser']),
    wayReason: text,
    authorizeUrl: functionSchema,
    tokenUrl: functionSchema,
    scopes: z.array(text),
    scopesFor: functionSchema.optional(),
    pkce: z.literal('refused').optional(),
    scopeSeparator: z.string().optional(),
    authorizeParams: z.record(z.string(), z.string()).optional(),
    tokenParams: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    tokenBody: z.enum(['form', 'json']),
    clientSecret: z.enum(['required', 'optional', 'none']),
    appHelp: z.strictObject({ clientId: text, clientSecret: text }),
    clientAuthentication: z.enum(['body', 'basic']),
    redirect: z.strictObject({
      host: z.enum(['127.0.0.1', 'localhost']),
      ports: z.array(z.number().int().min(1024).max(65_535)),
    }),
    rotatesRefreshToken: z.boolean(),
    issuer: functionSchema.optional(),
    revocation: revocationSchema,
    learn: functionSchema.optional(),
    apply: applySchema,
  }),
]);

const errorRuleSchema = z.strictObject({
  status: z.union([z.number().int(), z.array(z.number().int())]).optional(),
  vendorCode: z.union([text, z.array(text)]).optional(),
  contains: z
    .string()
    .refine((part) => part === part.toLowerCase(), 'must be lower case')
    .optional(),
  class: failureClassSchema,
  ofObject: failureClassSchema.optional(),
  message: text,
  renewAccess: z.boolean().optional(),
  retry: z.boolean().optional(),
  quotesVendor: z.boolean().optional(),
});

const objectSchema = z.strictObject({
  name: text,
  label: text,
  description: z.string().optional(),
  fields: z.array(sourceFieldSchema).min(1),
  request: functionSchema,
  pages: z.strictObject({ page: functionSchema, resume: functionSchema }),
  isDeleted: functionSchema.optional(),
  noRows: z.array(z.union([z.literal(204), z.literal(304), z.literal(404)])).optional(),
  filterOperators: z.array(z.string()).optional(),
});

const jobSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  name: text,
  sourceObject: text,
  destinationObject: text,
  keyColumn: columnNameSchema,
  mapping: z.array(fieldMappingSchema).min(1),
  mode: z.enum(['full', 'incremental']),
  cursorField: z.string().nullable(),
  lookbackSeconds: z.number().int().min(0),
  isEnabled: z.boolean(),
});

const windowShape = { requests: z.number().int().min(1), perMs: z.number().int().min(1) };
const manifestSchema = z.strictObject({
  id: connectorIdSchema,
  name: text,
  category: categorySchema,
  product: productSchema.optional(),
  summary: z.string().regex(/^[A-Z].*\.$/s, 'must be one sentence'),
  monogram: z.string().min(1).max(3),
  logo: z.object({ path: text }).optional(),
  docsUrl: z.string().regex(/^https:\/\//),
  maxPerTenant: z.number().int().min(1).optional(),
  fields: z.array(fieldSchema),
  auth: z.array(authSchema).min(1),
  endpoints: z.strictObject({
    api: functionSchema,
    login: functionSchema.optional(),
    allowedHosts: z.array(
      z
        .string()
        .regex(
          /^(?:\.?[a-z0-9-]+(?:\.[a-z0-9-]+)+|\{[a-zA-Z][a-zA-Z0-9]*\})$/,
          'must be a host, a suffix beginning with a dot, or {field}',
        ),
    ),
    refuseHost: functionSchema.optional(),
    orgOf: functionSchema.optional(),
  }),
  rateLimit: z.strictObject({
    buckets: z
      .record(z.string(), z.strictObject({ ...windowShape, also: z.array(z.strictObject(windowShape)).optional() }))
      .refine((buckets) => Object.hasOwn(buckets, 'default'), 'must have a "default" bucket'),
    maxConcurrent: z.number().int().min(1),
    quota: functionSchema.optional(),
    waitMs: functionSchema.optional(),
  }),
  errors: z.array(errorRuleSchema),
  errorBody: z
    .strictObject({
      codes: z.array(text).optional(),
      failed: functionSchema.optional(),
      waitMs: functionSchema.optional(),
    })
    .optional(),
  identity: z.strictObject({ request: functionSchema, read: functionSchema }).optional(),
  check: functionSchema.optional(),
  objects: z.array(objectSchema).optional(),
  jobs: z.array(jobSchema),
});

/**
 * @returns the same manifest
 * @throws Error that names the connector and every mistake
 */
export function parseManifest(manifest: Manifest): Manifest {
  const result = manifestSchema.safeParse(manifest);
  const mistakes = result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  mistakes.push(
    ...repeated(
      'field',
      manifest.fields.map(({ name }) => name),
    ),
    ...repeated(
      'authorization method',
      manifest.auth.map(({ id }) => id),
    ),
  );
  mistakes.push(
    ...repeated(
      'job',
      manifest.jobs.map(({ id }) => id),
    ),
    ...repeated(
      'object',
      (manifest.objects ?? []).map(({ name }) => name),
    ),
    ...unknownFields(manifest),
  );
  if (mistakes.length > 0) throw new Error(`The manifest of "${String(manifest.id)}" is wrong: ${mistakes.join('; ')}`);
  return manifest;
}

function repeated(what: string, names: readonly string[]): string[] {
  return names
    .filter((name, index) => names.indexOf(name) !== index)
    .map((name) => `the ${what} "${name}" stands twice`);
}

/** Names that point at fields which are not there. */
function unknownFields(manifest: Manifest): string[] {
  const names = new Set(
    [...manifest.fields, ...manifest.auth.flatMap((method) => [...method.fields])].map(({ name }) => name),
  );
  const named = [
    ...manifest.endpoints.allowedHosts.flatMap((entry) => /^\{(.+)\}$/.exec(entry)?.[1] ?? []),
    ...[...manifest.fields, ...manifest.auth.flatMap((method) => [...method.fields])].flatMap(
      (field) => field.visibleWhen?.field ?? [],
    ),
  ];
  return named.filter((name) => !names.has(name)).map((name) => `there is no field "${name}"`);
}

function isLinearPattern(source: string): boolean {
  try {
    new RegExp(`^(?:${source})$`, 'u');
  } catch {
    // The refinement that asked says what is wrong.
    return false;
  }
  return !/[+*}]\)[+*{]/.test(source);
}
