/**
 * The whole conversation between main and a window, with a schema for every input, output and event. Main parses both
 * directions; the bridge and the tenant guard are derived from it. No output may hold a secret, a file path or SQL. The
 * calls are in contract/, by what they are about.
 */
import { z } from 'zod';
import { executionSchema } from '../activity/activity.ts';
import { activityIdSchema, connectionIdSchema } from '../ids.ts';
import { vaultStatusSchema } from '../vault.ts';
import type { CallName, EventName } from './channels.ts';
import { ACTIVITY_CALLS } from './contract/activity.ts';
import { APP_CALLS, appStateSchema } from './contract/app.ts';
import { LIST_CALLS, LIST_EVENTS, listedRowSchema } from './contract/connection-list.ts';
import { authorizationStepSchema, CONNECTION_CALLS, testStepSchema } from './contract/connections.ts';
import { CONNECTOR_CALLS } from './contract/connectors.ts';
import { LIFECYCLE_CALLS, LIFECYCLE_EVENTS } from './contract/credentials.ts';
import { DATA_CALLS } from './contract/data.ts';
import { DRAFT_CALLS } from './contract/drafts.ts';
import type { SubjectKind } from './contract/entry.ts';
import { JOB_CALLS } from './contract/jobs.ts';
import { nothing } from './contract/parts.ts';
import { SETTINGS_CALLS } from './contract/settings.ts';
import { TENANT_CALLS } from './contract/tenants.ts';
import { VAULT_CALLS } from './contract/vault.ts';

export { type AppState, type Settings, settingsSchema } from './contract/app.ts';
export {
  type AuthorizationOutcome,
  type AuthorizationStep,
  type ConnectionInput,
  type ConnectionRow,
  connectionInputSchema,
  type TestStep,
} from './contract/connections.ts';
export type { OAuthApp, PracticeDefaults } from './contract/connectors.ts';
export type { DataTable } from './contract/data.ts';
export type { JobRow } from './contract/jobs.ts';

/** What every entry has, whatever its input. @see call */
interface AnyCall {
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly subject: 'none' | Readonly<Record<string, SubjectKind>>;
  readonly worksInEveryTenant?: true;
}

export const CONTRACT = {
  ...APP_CALLS,
  ...TENANT_CALLS,
  ...VAULT_CALLS,
  ...SETTINGS_CALLS,
  ...CONNECTOR_CALLS,
  ...LIST_CALLS,
  ...CONNECTION_CALLS,
  ...LIFECYCLE_CALLS,
  ...DRAFT_CALLS,
  ...JOB_CALLS,
  ...ACTIVITY_CALLS,
  ...DATA_CALLS,
} as const satisfies Record<CallName, AnyCall>;

export const EVENT_CONTRACT = {
  ...LIST_EVENTS,
  ...LIFECYCLE_EVENTS,
  'app.stateChanged': appStateSchema,
  'tenants.changed': nothing,
  'vault.changed': vaultStatusSchema,
  /** Rows that are new or changed, and ids that are gone. `all`: read the list again. */
  'connections.changed': z.strictObject({
    rows: z.array(listedRowSchema),
    removed: z.array(connectionIdSchema),
    all: z.boolean(),
  }),
  'connections.testStep': z.strictObject({ testId: z.string(), step: testStepSchema }),
  'connections.authorizationStep': authorizationStepSchema,
  'jobs.changed': z.strictObject({ connectionId: connectionIdSchema.nullable() }),
  /** At most four times a second a run. */
  'activity.progress': executionSchema,
  'activity.changed': z.strictObject({ id: activityIdSchema.nullable() }),
} as const satisfies Record<EventName, z.ZodType>;

export type CallInput<N extends CallName> = z.input<(typeof CONTRACT)[N]['input']>;
/** What a handler gets, after parsing. */
export type ParsedInput<N extends CallName> = z.output<(typeof CONTRACT)[N]['input']>;
export type CallOutput<N extends CallName> = z.output<(typeof CONTRACT)[N]['output']>;
export type EventPayload<N extends EventName> = z.output<(typeof EVENT_CONTRACT)[N]>;
