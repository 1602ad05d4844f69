import { z } from 'zod';
import { connectorIdSchema } from './ids.ts';
import { productSchema } from './tenant.ts';

export const CATEGORIES = [
  'gainsight',
  'crm',
  'support',
  'warehouse',
  'files',
  'analytics',
  'billing',
  'conversation',
  'survey',
  'project',
  'api',
] as const;
export const categorySchema = z.enum(CATEGORIES);
export type Category = z.infer<typeof categorySchema>;
export const CATEGORY_NAMES: Readonly<Record<Category, string>> = {
  gainsight: 'Gainsight products',
  crm: 'CRM',
  support: 'Support',
  warehouse: 'Databases and warehouses',
  files: 'Files',
  analytics: 'Product usage',
  billing: 'Billing',
  conversation: 'Conversations',
  survey: 'Surveys',
  project: 'Project tracking',
  api: 'Gainsight API',
};

/** One control of the connection form. Secret fields are write-only: their value goes in, never out. */
export const fieldDescriptorSchema = z.strictObject({
  name: z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/),
  label: z.string(),
  kind: z.enum(['text', 'secret', 'multilineSecret', 'select', 'number', 'switch', 'url', 'hostname']),
  required: z.boolean(),
  /** Where to find the value, in the vendor's words. */
  help: z.string(),
  placeholder: z.string().optional(),
  options: z.array(z.strictObject({ value: z.string(), label: z.string() })).optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** Source of a regular expression (linear, anchored by us) and the sentence shown when it does not match. */
  pattern: z.strictObject({ source: z.string(), message: z.string() }).optional(),
  /** What the text has to be besides: `json` = a JSON object, such as the key file of a service account. */
  format: z.enum(['json']).optional(),
  /** Shown only while another field has one of these values. */
  visibleWhen: z.strictObject({ field: z.string(), oneOf: z.array(z.string()) }).optional(),
});
export type FieldDescriptor = z.infer<typeof fieldDescriptorSchema>;

export const authMethodDescriptorSchema = z.strictObject({
  id: z.string(),
  label: z.string(),
  /** True when there is a log-in step ("Authorize"); false when keys in the form are all ("Save"). */
  interactive: z.boolean(),
  /** The way an interactive authorization opens by default, and why. */
  defaultWay: z.enum(['window', 'browser']).optional(),
  wayReason: z.string().optional(),
  /** Fields that belong to this method, besides the connector's own. */
  fields: z.array(fieldDescriptorSchema),
  clientSecret: z.enum(['required', 'optional', 'none']).optional(),
  /** Where to find what the vendor made for the tenant's OAuth app. */
  appHelp: z.strictObject({ clientId: z.string(), clientSecret: z.string() }).optional(),
  scopes: z.array(z.string()),
  /** Where the system cannot be told of a revocation: what to do there, in the vendor's words. */
  notRevoked: z.string().optional(),
  /** What the admin registers at the provider as redirect address. */
  redirectUris: z.array(z.string()),
});
export type AuthMethodDescriptor = z.infer<typeof authMethodDescriptorSchema>;

/** What a renderer may know of a connector. */
export const connectorDescriptorSchema = z.strictObject({
  id: connectorIdSchema,
  name: z.string(),
  category: categorySchema,
  product: productSchema.optional(),
  summary: z.string(),
  /** Two letters where no logo exists. */
  monogram: z.string().max(3),
  /** SVG path data on a 24 x 24 grid, one colour; from simple-icons. */
  logoPath: z.string().optional(),
  docsUrl: z.string(),
  fields: z.array(fieldDescriptorSchema),
  authMethods: z.array(authMethodDescriptorSchema).min(1),
  canBeDestination: z.boolean(),
  hasLoginHost: z.boolean(),
  maxPerTenant: z.number().int().optional(),
});
export type ConnectorDescriptor = z.infer<typeof connectorDescriptorSchema>;

/** Types a cached column can have; times are UTC ISO 8601 text. */
export const columnTypeSchema = z.enum(['text', 'integer', 'real', 'boolean', 'datetime', 'json']);
export type ColumnType = z.infer<typeof columnTypeSchema>;

export const sourceObjectSchema = z.strictObject({
  name: z.string(),
  label: z.string(),
  description: z.string().optional(),
});
export type SourceObject = z.infer<typeof sourceObjectSchema>;

export const sourceFieldSchema = z.strictObject({
  name: z.string(),
  label: z.string(),
  type: columnTypeSchema,
  isKey: z.boolean(),
  isCursor: z.boolean(),
  required: z.boolean(),
  /** Of numbers that come as text: how their decimals are written; see job/text-value.ts. */
  decimals: z.union([z.number().int(), z.literal('shortest')]).optional(),
  /** The field's texts in the first records, where the source has nothing but text: what a type chosen by hand would lose. */
  sample: z.array(z.string()).optional(),
});
export type SourceField = z.infer<typeof sourceFieldSchema>;
