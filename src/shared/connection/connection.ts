import { z } from 'zod';
import { connectionIdSchema, connectorIdSchema, instantSchema, tenantIdSchema } from '../ids.ts';
import { connectionStateSchema } from './state.ts';

/** The grant a connection works with. Never holds a secret. */
export const authorizationSchema = z.strictObject({
  /** Who granted it, as the source names them: a user name, an e-mail address, or "Access key ...7Q2". */
  account: z.string(),
  accountId: z.string(),
  /** For which org: a host, an org id, a bucket. Compared on re-authorization. */
  org: z.string(),
  orgId: z.string(),
  scopes: z.array(z.string()),
  missingScopes: z.array(z.string()),
  grantedAt: instantSchema,
});
export type Authorization = z.infer<typeof authorizationSchema>;

export const fieldValueSchema = z.union([z.string().max(20_000), z.number(), z.boolean()]);
export type FieldValue = z.infer<typeof fieldValueSchema>;

/** The Advanced section. Base URLs override what the manifest derives. */
export const endpointOverridesSchema = z.strictObject({
  apiBaseUrl: z.string().max(2000).optional(),
  loginBaseUrl: z.string().max(2000).optional(),
  /** Loopback and private addresses are refused unless the admin ticks this for the connection. */
  allowPrivateNetwork: z.boolean(),
  /** Calls allowed in a minute, where the tenant's package differs from what the manifest knows. */
  requestsPerMinute: z.number().int().min(1).max(1_000_000).optional(),
});
export type EndpointOverrides = z.infer<typeof endpointOverridesSchema>;

export const NAME_MAX = 80;
export const connectionNameSchema = z
  .string()
  .trim()
  .min(1, 'Enter a name for the connection.')
  .max(NAME_MAX, `Use at most ${NAME_MAX} characters.`)
  .refine(
    (name) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name.replaceAll('\u200d', '')),
    'Remove invisible characters (line ends, direction marks).',
  );

export const connectionSchema = z.strictObject({
  id: connectionIdSchema,
  tenantId: tenantIdSchema,
  connectorId: connectorIdSchema,
  name: z.string(),
  authMethodId: z.string(),
  /** Non-secret field values by manifest field name. */
  fields: z.record(z.string(), fieldValueSchema),
  overrides: endpointOverridesSchema,
  state: connectionStateSchema,
  authorization: authorizationSchema.nullable(),
  /** Non-secret facts learnt from answers, checked against the manifest's host list: instanceUrl and the like. */
  learned: z.record(z.string(), z.string()),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  /** Rises with every change; a save names the version it read (compare-and-set). */
  version: z.number().int(),
});
export type Connection = z.infer<typeof connectionSchema>;
