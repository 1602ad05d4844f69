/** The calls of Settings: network, backups, export and import, a forgotten passphrase. Part of contract.ts. */
import { z } from 'zod';
import { connectionIdSchema, instantSchema, tenantIdSchema } from '../../ids.ts';
import { certificateInfoSchema, networkTestSchema } from '../../network.ts';
import {
  exportOutcomeSchema,
  importChoiceSchema,
  importPreviewSchema,
  importResultSchema,
  TRANSFER_MOST,
} from '../../transfer.ts';
import { passphraseSchema, vaultStatusSchema } from '../../vault.ts';
import { call } from './entry.ts';
import { nothing } from './parts.ts';

const certificates = z.strictObject({ certificates: z.array(certificateInfoSchema) });

export const tenantImpactSchema = z.strictObject({
  connections: z.number().int(),
  jobs: z.number().int(),
  runningJobs: z.number().int(),
  executions: z.number().int(),
  oauthApps: z.number().int(),
  /** Connections whose grant is withdrawn at the provider. */
  toRevoke: z.number().int(),
});
export type TenantImpact = z.infer<typeof tenantImpactSchema>;

/** What a forgotten passphrase takes with it, over all tenants. */
export const forgottenImpactSchema = z.strictObject({
  connections: z.array(z.strictObject({ tenantName: z.string(), name: z.string() })),
  oauthApps: z.array(z.strictObject({ tenantName: z.string(), name: z.string() })),
});
export type ForgottenImpact = z.infer<typeof forgottenImpactSchema>;

export const backupInfoSchema = z.strictObject({
  id: z.string().regex(/^config-[0-9a-zA-Z-]{10,60}\.db$/),
  madeAt: instantSchema,
  sizeBytes: z.number().int(),
});
export type BackupInfo = z.infer<typeof backupInfoSchema>;
const backups = z.strictObject({ backups: z.array(backupInfoSchema) });

export const SETTINGS_CALLS = {
  /** A notice that has been read; it does not come back in this session. */
  'app.dismissNotice': call({
    input: z.strictObject({ id: z.string().max(100) }),
    output: nothing,
    subject: { id: 'none' },
  }),
  /** Shows the profile's folder in the system's file manager. */
  'app.showProfile': call({ input: nothing, output: nothing, subject: 'none' }),

  'tenants.removalImpact': call({
    input: z.strictObject({ id: tenantIdSchema }),
    output: tenantImpactSchema,
    subject: { id: 'tenant' },
  }),

  'vault.forgottenImpact': call({ input: nothing, output: forgottenImpactSchema, subject: 'none' }),
  'vault.replaceForgottenPassphrase': call({
    input: z.strictObject({ passphrase: passphraseSchema, typed: z.string().max(100) }),
    output: vaultStatusSchema,
    subject: 'none',
  }),

  'network.get': call({ input: nothing, output: certificates, subject: 'none' }),
  /** Asks for a PEM file and trusts the certificate authorities in it. */
  'network.addCertificates': call({
    input: nothing,
    output: z.strictObject({
      status: z.enum(['added', 'cancelled']),
      added: z.number().int(),
      /** Why others of the file were not taken, a sentence each. */
      refused: z.array(z.string()),
      certificates: z.array(certificateInfoSchema),
    }),
    subject: 'none',
  }),
  'network.removeCertificate': call({
    input: z.strictObject({ id: certificateInfoSchema.shape.id }),
    output: certificates,
    subject: { id: 'none' },
  }),
  'network.test': call({
    input: z.strictObject({
      url: z.string().trim().min(1, 'Enter an address.').max(2000),
      allowPrivateNetwork: z.boolean(),
    }),
    output: networkTestSchema,
    subject: 'none',
  }),

  'backups.list': call({ input: nothing, output: backups, subject: 'none' }),
  'backups.make': call({ input: nothing, output: backups, subject: 'none' }),
  /** Puts the copy in place and starts the app again. */
  'backups.restore': call({
    input: z.strictObject({ id: backupInfoSchema.shape.id }),
    output: nothing,
    subject: { id: 'none' },
  }),

  /** Asks where to, and writes the connections with their jobs. With a passphrase, their keys too, sealed by it. */
  'transfer.export': call({
    input: z.strictObject({
      ids: z.array(connectionIdSchema).min(1, 'Choose at least one connection.').max(TRANSFER_MOST),
      passphrase: passphraseSchema.optional(),
    }),
    output: exportOutcomeSchema,
    subject: { 'ids[]': 'connection' },
  }),
  /** Asks for a file and reads it; nothing is changed. */
  'transfer.open': call({
    input: nothing,
    output: z.strictObject({ preview: importPreviewSchema.nullable() }),
    subject: 'none',
  }),
  'transfer.import': call({
    input: z.strictObject({
      importId: z.string().max(40),
      choices: z.array(importChoiceSchema).min(1, 'Choose at least one connection.').max(TRANSFER_MOST),
      /** Opens the keys of the file; left out, they are not imported. */
      passphrase: z.string().max(1000).optional(),
    }),
    output: z.strictObject({ results: z.array(importResultSchema) }),
    subject: { importId: 'none' },
  }),
} as const;
