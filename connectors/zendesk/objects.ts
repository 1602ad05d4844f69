/** The objects of Zendesk Support, their fields and how each is read. */
import {
  type HttpRequest,
  instantMs,
  type ObjectDefinition,
  type ReadRequest,
  type SourceField,
} from '../kit/index.ts';
import { cursorExport, cursorList, timeExport } from './pages.ts';

type FieldRow = readonly [name: string, label: string, type: SourceField['type'], role?: 'key' | 'cursor'];

const field = ([name, label, type, role]: FieldRow): SourceField => ({
  name,
  label,
  type,
  isKey: role === 'key',
  isCursor: role === 'cursor',
  required: role !== undefined,
});

/** Rows of an export page; also the largest Zendesk gives. */
const EXPORT_PAGE = 1000;
/** https://developer.zendesk.com/api-reference/introduction/pagination/ : page[size] is 100 at most. */
const LIST_PAGE = 100;
/**
 * Exports leave out the last minute and refuse a later start; one more minute is for a clock that is a little ahead.
 * https://support.zendesk.com/hc/en-us/articles/8143500919322
 */
const NEWEST_START_MS = 120_000;

/** Seconds since the epoch to begin an export at: 0 = from the beginning, never within the last two minutes. */
export function exportStart(since: ReadRequest['since'], nowMs: number): number {
  if (since === null) return 0;
  const sinceMs = instantMs(since.value);
  if (sinceMs === null) return 0;
  return Math.max(0, Math.floor(Math.min(sinceMs, nowMs - NEWEST_START_MS) / 1000));
}

const exportRequest =
  (path: string) =>
  (read: ReadRequest, _urls: unknown, nowMs: number): HttpRequest => ({
    url: path,
    query: { start_time: exportStart(read.since, nowMs), per_page: EXPORT_PAGE },
    bucket: 'incremental',
    about: read.object,
  });

const listRequest =
  (path: string) =>
  (read: ReadRequest): HttpRequest => ({ url: path, query: { 'page[size]': LIST_PAGE }, about: read.object });

const TICKET_FIELDS: readonly FieldRow[] = [
  ['id', 'Ticket ID', 'integer', 'key'],
  ['subject', 'Subject', 'text'],
  ['description', 'Description', 'text'],
  ['status', 'Status', 'text'],
  ['priority', 'Priority', 'text'],
  ['type', 'Type', 'text'],
  ['requester_id', 'Requester ID', 'integer'],
  ['submitter_id', 'Submitter ID', 'integer'],
  ['assignee_id', 'Assignee ID', 'integer'],
  ['organization_id', 'Organization ID', 'integer'],
  ['group_id', 'Group ID', 'integer'],
  ['brand_id', 'Brand ID', 'integer'],
  ['ticket_form_id', 'Ticket form ID', 'integer'],
  ['external_id', 'External ID', 'text'],
  ['via.channel', 'Channel', 'text'],
  ['satisfaction_rating.score', 'Satisfaction', 'text'],
  ['tags', 'Tags', 'json'],
  ['due_at', 'Due', 'datetime'],
  ['created_at', 'Created', 'datetime'],
  ['updated_at', 'Updated', 'datetime', 'cursor'],
];

const USER_FIELDS: readonly FieldRow[] = [
  ['id', 'User ID', 'integer', 'key'],
  ['name', 'Name', 'text'],
  ['email', 'Email', 'text'],
  ['role', 'Role', 'text'],
  ['active', 'Active', 'boolean'],
  ['suspended', 'Suspended', 'boolean'],
  ['organization_id', 'Organization ID', 'integer'],
  ['phone', 'Phone', 'text'],
  ['time_zone', 'Time zone', 'text'],
  ['locale', 'Locale', 'text'],
  ['external_id', 'External ID', 'text'],
  ['tags', 'Tags', 'json'],
  ['notes', 'Notes', 'text'],
  ['created_at', 'Created', 'datetime'],
  ['updated_at', 'Updated', 'datetime', 'cursor'],
];

const ORGANIZATION_FIELDS: readonly FieldRow[] = [
  ['id', 'Organization ID', 'integer', 'key'],
  ['name', 'Name', 'text'],
  ['domain_names', 'Domains', 'json'],
  ['external_id', 'External ID', 'text'],
  ['group_id', 'Group ID', 'integer'],
  ['details', 'Details', 'text'],
  ['notes', 'Notes', 'text'],
  ['tags', 'Tags', 'json'],
  ['shared_tickets', 'Shares tickets', 'boolean'],
  ['created_at', 'Created', 'datetime'],
  ['updated_at', 'Updated', 'datetime', 'cursor'],
];

const BRAND_FIELDS: readonly FieldRow[] = [
  ['id', 'Brand ID', 'integer', 'key'],
  ['name', 'Name', 'text'],
  ['subdomain', 'Subdomain', 'text'],
  ['brand_url', 'Address', 'text'],
  ['active', 'Active', 'boolean'],
  ['default', 'Default', 'boolean'],
  ['created_at', 'Created', 'datetime'],
  ['updated_at', 'Updated', 'datetime'],
];

const GROUP_FIELDS: readonly FieldRow[] = [
  ['id', 'Group ID', 'integer', 'key'],
  ['name', 'Name', 'text'],
  ['description', 'Description', 'text'],
  ['default', 'Default', 'boolean'],
  ['deleted', 'Deleted', 'boolean'],
  ['created_at', 'Created', 'datetime'],
  ['updated_at', 'Updated', 'datetime'],
];

/** https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/ */
export const OBJECTS: readonly ObjectDefinition[] = [
  {
    name: 'tickets',
    label: 'Tickets',
    description: 'Deleted tickets come with the status "deleted".',
    fields: TICKET_FIELDS.map(field),
    request: exportRequest('/api/v2/incremental/tickets/cursor.json'),
    pages: cursorExport('tickets'),
  },
  {
    name: 'users',
    label: 'Users',
    description: 'Agents and end users; deleted ones come with active = false.',
    fields: USER_FIELDS.map(field),
    request: exportRequest('/api/v2/incremental/users/cursor.json'),
    pages: cursorExport('users'),
  },
  {
    name: 'organizations',
    label: 'Organizations',
    fields: ORGANIZATION_FIELDS.map(field),
    request: exportRequest('/api/v2/incremental/organizations.json'),
    pages: timeExport('organizations'),
  },
  {
    name: 'brands',
    label: 'Brands',
    fields: BRAND_FIELDS.map(field),
    request: listRequest('/api/v2/brands.json'),
    pages: cursorList('brands'),
  },
  {
    name: 'groups',
    label: 'Groups',
    fields: GROUP_FIELDS.map(field),
    request: listRequest('/api/v2/groups.json'),
    pages: cursorList('groups'),
  },
];
