/** What Zendesk's manifest cannot say: who the user is, and which custom fields an account has. */

import type { ConnectorCode, ConnectorContext, HttpRequest, SourceField } from '../kit/index.ts';
import { ConnectorError, createProgressGuard, idText } from '../kit/index.ts';
import { OBJECTS } from './objects.ts';
import { cursorList } from './pages.ts';

interface Me {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly isSuspended: boolean;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** https://developer.zendesk.com/api-reference/ticketing/users/users/#show-self */
const ME_REQUEST: HttpRequest = { url: '/api/v2/users/me.json' };

/** The user an access belongs to. A wrong Basic login is answered with 200 and a user without an id. */
async function askMe(context: ConnectorContext): Promise<Me> {
  const answer = (await context.http.send(ME_REQUEST)).json();
  const user = isObject(answer) ? answer.user : undefined;
  if (!isObject(user)) throw new ConnectorError('invalid_response', 'Zendesk answered without a user.');
  const id = idText(user.id);
  if (id === null) throw await anonymous(context);
  return {
    id,
    name: textOf(user.name),
    email: textOf(user.email),
    role: textOf(user.role),
    isSuspended: user.suspended === true || user.active === false,
  };
}

async function anonymous(context: ConnectorContext): Promise<ConnectorError> {
  const { credentials } = await context.access.current();
  return credentials.apiToken === undefined
    ? new ConnectorError(
        'reauthorize_expired',
        'Zendesk treats the call as anonymous: it does not accept the authorization.',
      )
    : new ConnectorError('reauthorize_password', 'Zendesk does not accept this email address and API token.');
}

const suspended = (): ConnectorError =>
  new ConnectorError('reauthorize_deactivated', 'The authorized user was suspended or deleted in Zendesk.');

/** @throws ConnectorError when the user is suspended or is no admin (exports are for admins only) */
async function askAdmin(context: ConnectorContext): Promise<Me> {
  const me = await askMe(context);
  if (me.isSuspended) throw suspended();
  if (me.role !== 'admin') {
    throw new ConnectorError(
      'reauthorize_permission',
      'The authorized user is not an admin in Zendesk. Its exports of tickets, users and organizations are for admins only.',
    );
  }
  return me;
}

interface CustomFields {
  readonly url: string;
  readonly key: string;
  /** Path of a custom field in a record; null for a system field. */
  path(field: Readonly<Record<string, unknown>>): string | null;
}

const keyed = (prefix: string) => (field: Readonly<Record<string, unknown>>) => {
  const key = textOf(field.key);
  return field.system === true || key === '' ? null : `${prefix}.${key}`;
};

const CUSTOM_FIELDS: Readonly<Record<string, CustomFields>> = {
  tickets: {
    url: '/api/v2/ticket_fields.json',
    key: 'ticket_fields',
    // System fields (subject, status ...) are the ones that cannot be removed.
    path: (field) => {
      const id = field.removable === true ? idText(field.id) : null;
      return id === null ? null : `custom_fields.${id}`;
    },
  },
  users: { url: '/api/v2/user_fields.json', key: 'user_fields', path: keyed('user_fields') },
  organizations: {
    url: '/api/v2/organization_fields.json',
    key: 'organization_fields',
    path: keyed('organization_fields'),
  },
};

/** https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/ : field types. */
const TYPES: Readonly<Record<string, SourceField['type']>> = {
  checkbox: 'boolean',
  integer: 'integer',
  decimal: 'real',
  multiselect: 'json',
  lookup: 'text',
};

async function customFields(context: ConnectorContext, { url, key, path }: CustomFields): Promise<SourceField[]> {
  const found: SourceField[] = [];
  const pages = cursorList(key);
  const progress = createProgressGuard(({ id }) => id);
  let request: HttpRequest | null = { url, query: { 'page[size]': 100 } };
  while (request !== null) {
    const response = await context.http.send(request);
    const page = pages.page(response.json(), response, request);
    progress.check(page.checkpoint, page.records);
    for (const entry of page.records) {
      const name = entry.active === false ? null : path(entry);
      if (name === null) continue;
      const type = TYPES[textOf(entry.type)] ?? 'text';
      found.push({ name, label: textOf(entry.title) || name, type, isKey: false, isCursor: false, required: false });
    }
    request = page.next;
  }
  return found;
}

export const source: ConnectorCode = {
  async identify(context) {
    const me = await askAdmin(context);
    const subdomain = String(context.urls.fields.subdomain).toLowerCase();
    return {
      accountId: me.id,
      account: me.email || me.name,
      orgId: subdomain,
      org: `${subdomain}.zendesk.com`,
      isActive: true,
    };
  },
  async check(context) {
    await askAdmin(context);
  },
  async fields(context, object) {
    const definition = OBJECTS.find(({ name }) => name === object);
    if (definition === undefined) throw new ConnectorError('not_found', `Zendesk has no object "${object}".`);
    const custom = CUSTOM_FIELDS[object];
    return custom === undefined
      ? [...definition.fields]
      : [...definition.fields, ...(await customFields(context, custom))];
  },
  async explain(context, error) {
    if (error.failureClass !== 'reauthorize_expired') return error;
    try {
      return (await askMe(context)).isSuspended ? suspended() : error;
    } catch (cause) {
      // The question itself is refused: nothing learnt, the first error stands.
      if (cause instanceof ConnectorError) return error;
      throw cause;
    }
  },
};
