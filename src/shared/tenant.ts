import { z } from 'zod';
import { connectorIdSchema, instantSchema, tenantIdSchema } from './ids.ts';
import { GAINSIGHT_PRODUCTS } from './products.ts';

export type { Product } from './products.ts';
export const productSchema = z.enum(GAINSIGHT_PRODUCTS);

/** How many connections a tenant may have, by category and by connector; absent = the connector's own default. */
export const tenantLimitsSchema = z.strictObject({
  perCategory: z.record(z.string(), z.number().int().min(0).max(1000)),
  perConnector: z.record(connectorIdSchema, z.number().int().min(0).max(10_000)),
});
export type TenantLimits = z.infer<typeof tenantLimitsSchema>;
/** Gainsight's defaults: one CRM and one Support connection per org. Raised through Gainsight support. */
export const DEFAULT_LIMITS: TenantLimits = { perCategory: { crm: 1, support: 1 }, perConnector: {} };

export const tenantSchema = z.strictObject({
  id: tenantIdSchema,
  name: z.string().min(1).max(120),
  domain: z.string().min(1).max(253),
  products: z.array(productSchema),
  kind: z.enum(['practice', 'real']),
  limits: tenantLimitsSchema,
  createdAt: instantSchema,
});
export type Tenant = z.infer<typeof tenantSchema>;

export const newTenantSchema = z.strictObject({
  name: z.string().trim().min(1, 'Enter the tenant’s name.').max(120, 'Use at most 120 characters.'),
  domain: z
    .string()
    .trim()
    .toLowerCase()
    .max(253)
    .regex(
      /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/,
      'Enter a host name such as acme.gainsightcloud.com, without https:// and without a path.',
    ),
  products: z.array(productSchema).max(GAINSIGHT_PRODUCTS.length),
});
export type NewTenant = z.infer<typeof newTenantSchema>;
