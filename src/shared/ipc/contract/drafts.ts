/** Calls about connection forms that were begun and not saved. No secret is ever part of a draft: the schema has no place for one. */
import { z } from 'zod';
import { fieldValueSchema } from '../../connection/connection.ts';
import { connectorIdSchema, instantSchema } from '../../ids.ts';
import { call } from './entry.ts';

/** A connection that does not exist yet has one draft per connector ("new:zendesk"), one that exists its own (its id). */
const draftKeySchema = z.string().regex(/^(?:new:[a-z0-9][a-z0-9-]{0,39}|[a-z0-9]{8,40})$/);

const draftValuesSchema = z.strictObject({
  connectorId: connectorIdSchema,
  name: z.string().max(2000),
  authMethodId: z.string().max(40),
  fields: z.record(z.string().max(60), fieldValueSchema),
  clientId: z.string().max(500),
  apiBaseUrl: z.string().max(2000),
  loginBaseUrl: z.string().max(2000),
  allowPrivateNetwork: z.boolean(),
});
export type DraftValues = z.infer<typeof draftValuesSchema>;

const draft = {
  key: draftKeySchema,
  values: draftValuesSchema,
  /** What the form held before anything was typed: tells what was typed from what was stored then. */
  base: draftValuesSchema,
};
export const connectionDraftSchema = z.strictObject({ ...draft, keptAt: instantSchema });
export type ConnectionDraft = z.infer<typeof connectionDraftSchema>;

export const DRAFT_CALLS = {
  /** Those of the selected tenant. */
  'drafts.list': call({
    input: z.strictObject({}),
    output: z.strictObject({ drafts: z.array(connectionDraftSchema) }),
    subject: 'none',
  }),
  'drafts.keep': call({
    input: z.strictObject(draft),
    output: z.strictObject({}),
    subject: {
      key: 'connection',
      'values.connectorId': 'none',
      'values.authMethodId': 'none',
      'values.clientId': 'none',
      'base.connectorId': 'none',
      'base.authMethodId': 'none',
      'base.clientId': 'none',
    },
  }),
  'drafts.discard': call({
    input: z.strictObject({ key: draftKeySchema }),
    output: z.strictObject({}),
    subject: { key: 'connection' },
  }),
} as const;
