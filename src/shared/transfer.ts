/** Export and import of connections as one file: what the page is told. The file itself is read and written by main alone. */
import { z } from 'zod';
import { connectionIdSchema } from './ids.ts';

/** Most connections one file may hold. */
export const TRANSFER_MOST = 10_000;

export const exportOutcomeSchema = z.strictObject({
  status: z.enum(['saved', 'cancelled']),
  fileName: z.string(),
  connections: z.number().int(),
  jobs: z.number().int(),
  /** Connections whose keys are in the file, sealed by the passphrase. */
  withKeys: z.number().int(),
});
export type ExportOutcome = z.infer<typeof exportOutcomeSchema>;

/**
 * - `new`: can be imported as it is
 * - `nameTaken`: the tenant has a connection of that name; it can be imported under another one
 * - `overLimit`: the tenant's limits allow no further one
 * - `unknownConnector`, `invalid`: this version cannot make a connection of it
 */
export const importVerdictSchema = z.enum(['new', 'nameTaken', 'overLimit', 'unknownConnector', 'invalid']);
export type ImportVerdict = z.infer<typeof importVerdictSchema>;

export const importEntrySchema = z.strictObject({
  /** Place in the file, from 0. */
  index: z.number().int(),
  name: z.string(),
  connectorName: z.string(),
  /** Where it would go, API and log-in: scheme, host and port; as the file has them where it cannot be imported. */
  hosts: z.array(z.string()),
  jobs: z.array(z.string()),
  verdict: importVerdictSchema,
  /** Why it is not `new`, as a sentence; empty when it is. */
  reason: z.string(),
  /** A name that is free in the tenant. */
  suggestedName: z.string(),
  /** What to know before it is imported. */
  notes: z.array(z.string()),
});
export type ImportEntry = z.infer<typeof importEntrySchema>;

export const importPreviewSchema = z.strictObject({
  importId: z.string(),
  fileName: z.string(),
  exportedAt: z.string(),
  /** Tenant the file was made in. */
  tenantName: z.string(),
  /** The file holds keys; the passphrase it was made with opens them. */
  hasKeys: z.boolean(),
  entries: z.array(importEntrySchema),
});
export type ImportPreview = z.infer<typeof importPreviewSchema>;

export const importChoiceSchema = z.strictObject({
  index: z.number().int().min(0).max(TRANSFER_MOST),
  name: z.string().max(300),
});

export const importResultSchema = z.strictObject({
  index: z.number().int(),
  name: z.string(),
  /** `authorized`: its keys came along and the system accepted them. */
  status: z.enum(['created', 'authorized', 'refused']),
  connectionId: connectionIdSchema.nullable(),
  jobs: z.number().int(),
  /** What did not come along or was refused, as sentences. */
  notes: z.array(z.string()),
});
export type ImportResult = z.infer<typeof importResultSchema>;
