/** Calls about connectors and the OAuth apps that they log in with. */
import { z } from 'zod';
import { endpointOverridesSchema, fieldValueSchema } from '../../connection/connection.ts';
import { connectorDescriptorSchema } from '../../connector.ts';
import { connectorIdSchema, instantSchema } from '../../ids.ts';
import { call } from './entry.ts';
import { nothing } from './parts.ts';

export const oauthAppSchema = z.strictObject({
  connectorId: connectorIdSchema,
  authMethodId: z.string(),
  clientId: z.string(),
  hasClientSecret: z.boolean(),
  /** When the stored client secret was set; null without one. */
  clientSecretSetAt: instantSchema.nullable(),
  /** False when it is there but cannot be opened now. */
  isClientSecretReadable: z.boolean(),
  updatedAt: instantSchema,
});
export type OAuthApp = z.infer<typeof oauthAppSchema>;

/** On the practice tenant a connection form is prefilled, so that the first journey needs no documentation. */
export const practiceDefaultsSchema = z.strictObject({
  connectorId: connectorIdSchema,
  authMethodId: z.string(),
  fields: z.record(z.string(), fieldValueSchema),
  overrides: endpointOverridesSchema,
  /** Secret fields main fills in with the practice server's own made-up values when the form leaves them blank. */
  filledSecrets: z.array(z.string()),
  /** Made-up people to log in as, shown beside the form. */
  users: z.array(z.strictObject({ name: z.string(), email: z.string(), password: z.string() })),
});
export type PracticeDefaults = z.infer<typeof practiceDefaultsSchema>;

export const CONNECTOR_CALLS = {
  /** `practice`: on the practice tenant, what the form is prefilled with; its secrets are filled in by main when left blank. */
  'connectors.list': call({
    input: nothing,
    output: z.strictObject({
      connectors: z.array(connectorDescriptorSchema),
      practice: z.array(practiceDefaultsSchema),
    }),
    subject: 'none',
  }),

  'oauthApps.list': call({
    input: nothing,
    output: z.strictObject({ apps: z.array(oauthAppSchema) }),
    subject: 'none',
  }),
  'oauthApps.save': call({
    input: z.strictObject({
      connectorId: connectorIdSchema,
      authMethodId: z.string().max(40),
      clientId: z.string().trim().min(1, 'Enter the client id.').max(500),
      clientSecret: z.string().trim().max(2000).optional(),
      /** The connection form it was entered in: the secret is for that log-in host. Left out: for the vendor's own. */
      place: z
        .strictObject({ fields: z.record(z.string().max(60), fieldValueSchema), overrides: endpointOverridesSchema })
        .optional(),
    }),
    output: oauthAppSchema,
    subject: { connectorId: 'none', authMethodId: 'none', clientId: 'none' },
  }),
  'oauthApps.remove': call({
    input: z.strictObject({ connectorId: connectorIdSchema, authMethodId: z.string().max(40) }),
    output: nothing,
    subject: { connectorId: 'none', authMethodId: 'none' },
  }),
} as const;
