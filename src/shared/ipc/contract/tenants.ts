/** Calls about tenants. The page manages all of them, whichever is on screen. */
import { z } from 'zod';
import { tenantIdSchema } from '../../ids.ts';
import { newTenantSchema, tenantLimitsSchema, tenantSchema } from '../../tenant.ts';
import { call } from './entry.ts';
import { nothing } from './parts.ts';

export const TENANT_CALLS = {
  'tenants.list': call({
    input: nothing,
    output: z.strictObject({ tenants: z.array(tenantSchema), selected: tenantIdSchema.nullable() }),
    subject: 'none',
  }),
  'tenants.create': call({ input: newTenantSchema, output: tenantSchema, subject: 'none' }),
  /** Makes (or opens) the practice tenant and starts its practice servers. */
  'tenants.openPractice': call({ input: nothing, output: tenantSchema, subject: 'none' }),
  'tenants.select': call({
    input: z.strictObject({ id: tenantIdSchema }),
    output: tenantSchema,
    subject: { id: 'tenant' },
  }),
  'tenants.update': call({
    input: z.strictObject({
      id: tenantIdSchema,
      ...newTenantSchema.partial().shape,
      limits: tenantLimitsSchema.optional(),
      /** Gainsight's support case by which a limit was raised; noted in the Update activity. */
      supportCase: z.string().trim().max(120).optional(),
    }),
    output: tenantSchema,
    subject: { id: 'tenant' },
  }),
  'tenants.remove': call({
    input: z.strictObject({ id: tenantIdSchema, typedName: z.string().max(200) }),
    output: nothing,
    subject: { id: 'tenant' },
  }),
} as const;
