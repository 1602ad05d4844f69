/** The calls of Settings: network, backups, export and import, a forgotten passphrase. Part of contract.ts. */
import { z } from 'zod';
import { connectionIdSchema, instantSchema, tenantIdSchema } from '../ids.ts';
import { certificateInfoSchema, networkTestSchema } from '../network.ts';
import {
  exportOutcomeSchema,
  importChoiceSchema,
  importPreviewSchema,
  importResultSchema,
  TRANSFER_MOST,
} from '../transfer.ts';
import { passphraseSchema, vaultStatusSchema } from '../vault.ts';

const nothing = z.strictObject({});
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
  'app.dismissNotice': { input: z.strictObject({ id: z.string().max(100) }), output: nothing },
  /** Shows the profile's folder in the system's file manager. */
  'app.showProfile': { input: nothing, output: nothing },

  'tenants.removalImpact': { input: z.strictObject({ id: tenantIdSchema }), output: tenantImpactSchema },

  'vault.forgottenImpact': { input: nothing, output: forgottenImpactSchema },
  'vault.replaceForgottenPassphrase': {
    input: z.strictObject({ passphrase: passphraseSchema, typed: z.string().max(100) }),
    output: vaultStatusSchema,
  },

  'network.get': { input: nothing, output: certificates },
  /** Asks for a PEM file and trusts the certificate authorities in it. */
  'network.addCertificates': {
    input: nothing,
    output: z.strictObject({
      status: z.enum(['added', 'cancelled']),
      added: z.number().int(),
      certificates: z.array(certificateInfoSchema),
    }),
  },
  'network.removeCertificate': {
    input: z.strictObject({ id: certificateInfoSchema.shape.id }),
    output: certificates,
  },
  'network.test': {
    input: z.strictObject({
      url: z.string().trim().min(1, 'Enter an address.').max(2000),
      allowPrivateNetwork: z.boolean(),
    }),
    output: networkTestSchema,
  },

  'backups.list': { input: nothing, output: backups },
  'backups.make': { input: nothing, output: backups },
  /** Puts the copy in place and starts the app again. */
  'backups.restore': { input: z.strictObject({ id: backupInfoSchema.shape.id }), output: nothing },

  /** Asks where to, and writes the connections with their jobs. With a passphrase, their keys too, sealed by it. */
  'transfer.export': {
    input: z.strictObject({
      ids: z.array(connectionIdSchema).min(1, 'Choose at least one connection.').max(TRANSFER_MOST),
      passphrase: passphraseSchema.optional(),
    }),
    output: exportOutcomeSchema,
  },
  /** Asks for a file and reads it; nothing is changed. */
  'transfer.open': { input: nothing, output: z.strictObject({ preview: importPreviewSchema.nullable() }) },
  'transfer.import': {
    input: z.strictObject({
      importId: z.string().max(40),
      choices: z.array(importChoiceSchema).min(1, 'Choose at least one connection.').max(TRANSFER_MOST),
      /** Opens the keys of the file; left out, they are not imported. */
      passphrase: z.string().max(1000).optional(),
    }),
    output: z.strictObject({ results: z.array(importResultSchema) }),
  },
} as const;
