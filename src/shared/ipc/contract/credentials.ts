/** Calls about credentials that come and go: what an edit means, revocations that wait, the trash, rehearsing. */
import { z } from 'zod';
import { remoteRevocationSchema } from '../../connection/state.ts';
import { connectionIdSchema, instantSchema } from '../../ids.ts';
import { call } from './entry.ts';
import { nothing } from './parts.ts';

const byId = z.strictObject({ id: connectionIdSchema });

/** What a new grant could not read of one object that the connection's jobs use. */
export const grantLossSchema = z.strictObject({
  object: z.string(),
  /** Names of the jobs that use it. */
  jobs: z.array(z.string()),
  /** What the system answered when the whole object could not be read; null when only fields are lost. */
  refusal: z.string().nullable(),
  lostFields: z.array(z.string()),
  /** How many of its fields the jobs use. */
  usedFields: z.number().int(),
});
export type GrantLoss = z.infer<typeof grantLossSchema>;

/** What saving a form would change, and what follows from it. */
export const editPreviewSchema = z.strictObject({
  changes: z.array(z.strictObject({ field: z.string(), before: z.string(), after: z.string() })),
  needsAuthorization: z.boolean(),
  /** One sentence on why; empty when it does not. */
  why: z.string(),
});
export type EditPreview = z.infer<typeof editPreviewSchema>;

export const trashEntrySchema = z.strictObject({
  id: connectionIdSchema,
  name: z.string(),
  connectorId: z.string(),
  connectorName: z.string(),
  deletedAt: instantSchema,
  /** From then on it is removed for good, within a day. */
  keptUntil: instantSchema,
  jobs: z.number().int(),
  cachedRows: z.number().int(),
  /** The revocation at the provider; null when there was nothing to revoke. */
  remote: remoteRevocationSchema.nullable(),
});
export type TrashEntry = z.infer<typeof trashEntrySchema>;

/** What can be rehearsed on the practice tenant. */
export const REHEARSALS = [
  'deactivateDana',
  'changeDanasPassword',
  'endLicence',
  'withdrawGrants',
  'denyApi',
  'denyAccount',
  'backToNormal',
] as const;
export const rehearsalSchema = z.enum(REHEARSALS);
export type Rehearsal = z.infer<typeof rehearsalSchema>;

export const LIFECYCLE_CALLS = {
  /** When to be reminded to authorize a revoked connection again; null: it stays revoked, without a reminder. */
  'connections.setReminder': call({
    input: z.strictObject({ id: connectionIdSchema, until: instantSchema.nullable() }),
    output: nothing,
    subject: { id: 'connection' },
  }),
  /** Asks the provider again to revoke what it could not or would not before. */
  'connections.retryRevocation': call({
    input: byId,
    output: z.strictObject({ remote: remoteRevocationSchema }),
    subject: { id: 'connection' },
  }),
  'trash.list': call({
    input: nothing,
    output: z.strictObject({ entries: z.array(trashEntrySchema) }),
    subject: 'none',
  }),
  /** Brings it back without its secret, under a free name. */
  'trash.restore': call({
    input: byId,
    output: z.strictObject({ id: connectionIdSchema, name: z.string() }),
    subject: { id: 'connection' },
  }),
  'trash.remove': call({ input: byId, output: nothing, subject: { id: 'connection' } }),
  /** On the practice tenant only. Answers the names of the practice systems that now behave so. */
  'practice.rehearse': call({
    input: z.strictObject({ rehearsal: rehearsalSchema }),
    output: z.strictObject({ systems: z.array(z.string()) }),
    subject: 'none',
  }),
} as const;

export const LIFECYCLE_EVENTS = {
  /** Somebody has followed the system's reminder of a revoked connection; its tenant is selected. */
  'connections.reminderChosen': byId,
} as const;
