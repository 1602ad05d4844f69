import { siZendesk } from 'simple-icons';
import { type AuthMethod, defineConnector, type ErrorRule, idText, jobTable, type Manifest } from '../kit/index.ts';
import { OBJECTS } from './objects.ts';
import { source } from './source.ts';

const DAY_SECONDS = 86_400;

const AUTH: readonly AuthMethod[] = [
  {
    kind: 'oauth-code',
    id: 'oauth',
    label: 'Log in to Zendesk (OAuth)',
    fields: [],
    defaultWay: 'window',
    wayReason:
      'Zendesk’s log-in page works in a window. Use the browser if your account signs in by Google, single sign-on or a passkey.',
    // https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
    authorizeUrl: (login) => `${login}/oauth/authorizations/new`,
    tokenUrl: (login) => `${login}/oauth/tokens`,
    scopes: ['read'],
    // Allowed: access more than 300 s and less than 2 days, refresh more than 7 and less than 90 days.
    tokenParams: { expires_in: 3600, refresh_token_expires_in: 89 * DAY_SECONDS },
    tokenBody: 'json',
    // A public client has none and must use PKCE: https://support.zendesk.com/hc/en-us/articles/4408845965210
    clientSecret: 'optional',
    appHelp: {
      clientId: 'Identifier: Admin Center > Apps and integrations > APIs > OAuth clients > your client.',
      // https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/
      clientSecret: 'Zendesk shows it whole only once, when it is made. Make another one there if it was not kept.',
    },
    clientAuthentication: 'body',
    // Zendesk compares the whole redirect address and takes http only for localhost and 127.0.0.1 (same article).
    redirect: { host: '127.0.0.1', ports: [42_813, 42_814, 42_815] },
    rotatesRefreshToken: true,
    revocation: {
      kind: 'request',
      lookup: () => ({ url: '/api/v2/oauth/tokens/current.json' }),
      // By id, because DELETE on "current" answers 204 and revokes nothing for some accounts:
      // https://support.zendesk.com/hc/en-us/community/posts/5537132288282
      request: (_urls, found) => ({
        method: 'DELETE',
        url: `/api/v2/oauth/tokens/${tokenId(found) ?? 'current'}.json`,
      }),
    },
    apply: { kind: 'bearer', credential: 'accessToken' },
  },
  {
    kind: 'key',
    id: 'api-token',
    label: 'API token',
    fields: [
      {
        name: 'email',
        label: 'Email of the admin',
        kind: 'text',
        required: true,
        help: 'The Zendesk admin the token is used for.',
        placeholder: 'admin@example.com',
        pattern: { source: '[^\\s@/]+@[^\\s@/]+', message: 'Enter an email address.' },
      },
      {
        name: 'apiToken',
        label: 'API token',
        kind: 'secret',
        required: true,
        // https://developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/
        help: 'Admin Center > Apps and integrations > APIs > API tokens. Zendesk makes no new ones since 27 October 2026 and turns all off on 30 April 2027.',
      },
    ],
    apply: {
      kind: 'basic',
      user: (_credential, urls) => `${String(urls.fields.email)}/token`,
      password: (credential) => credential('apiToken'),
    },
    revocation: {
      kind: 'none',
      reason:
        'The API token stays valid in Zendesk. To end it there: Admin Center > Apps and integrations > APIs > API tokens > Delete.',
    },
  },
];

/** Id of the token that a lookup of the current one found. */
function tokenId(found: unknown): string | null {
  if (typeof found !== 'object' || found === null || !('token' in found)) return null;
  const { token } = found;
  return typeof token === 'object' && token !== null && 'id' in token ? idText(token.id) : null;
}

const EXPIRED =
  'Zendesk does not accept the authorization any more: it expired, was revoked, or its user was suspended.';
const ENDED = 'The Zendesk account has expired or was cancelled.';

/** https://developer.zendesk.com/api-reference/introduction/requests/#response-format */
const ERRORS: readonly ErrorRule[] = [
  { status: 401, contains: 'invalid_token', class: 'reauthorize_expired', message: EXPIRED, renewAccess: true },
  {
    status: 401,
    contains: "couldn't authenticate you",
    class: 'reauthorize_password',
    message: 'Zendesk does not accept this email address and API token.',
  },
  { status: 401, class: 'reauthorize_expired', message: EXPIRED, renewAccess: true },
  {
    status: 400,
    vendorCode: 'invalid_grant',
    class: 'reauthorize_expired',
    message: 'Zendesk refused to renew the authorization: it expired or was revoked.',
  },
  {
    status: 403,
    contains: 'required scopes',
    class: 'reauthorize_permission',
    // Scopes may be for one resource: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/#scopes
    ofObject: 'object_denied',
    message: 'The authorization lacks a scope that Zendesk asks for.',
  },
  { status: [403, 404], contains: 'account has expired', class: 'licence_expired', message: ENDED },
  { status: [403, 404], contains: 'account has been cancelled', class: 'licence_expired', message: ENDED },
  {
    status: 402,
    class: 'licence_expired',
    ofObject: 'object_denied',
    message: 'The plan of the Zendesk account does not include this, or it has ended.',
  },
  {
    status: 403,
    class: 'reauthorize_permission',
    ofObject: 'object_denied',
    message: 'The authorized user may not read this in Zendesk; exports are for admins only.',
  },
  {
    status: 404,
    contains: 'no help desk at',
    class: 'not_found',
    message: 'There is no Zendesk account with this subdomain. Check the Subdomain field.',
  },
  { status: 404, class: 'not_found', message: 'Zendesk does not know this address. Check the Subdomain field.' },
  {
    status: 409,
    class: 'server_error',
    message: 'Zendesk was changing the same record at the same time.',
    retry: true,
  },
  { status: 422, class: 'bad_request', message: 'Zendesk refused the request as invalid.' },
];

/** Exports compare generated_timestamp, which is never earlier than updated_at; five minutes are for clocks. */
const JOB_DEFAULTS = { mode: 'incremental', cursorField: 'updated_at', lookbackSeconds: 300 } as const;

/** Names in the manner of the original; its own Zendesk job names are not public. */
const JOBS = jobTable(JOB_DEFAULTS, [
  {
    id: 'ticket-sync',
    name: 'Ticket Sync',
    sourceObject: 'tickets',
    destinationObject: 'Case',
    rows: [
      ['External_ID', 'id', 'text', true],
      ['Subject', 'subject', 'text'],
      ['Status', 'status', 'text'],
      ['Priority', 'priority', 'text'],
      ['Type', 'type', 'text'],
      ['Organization_ID', 'organization_id', 'text'],
      ['Requester_ID', 'requester_id', 'text'],
      ['Assignee_ID', 'assignee_id', 'text'],
      ['Channel', 'via.channel', 'text'],
      ['Satisfaction', 'satisfaction_rating.score', 'text'],
      ['Opened_On', 'created_at', 'datetime'],
      ['Updated_On', 'updated_at', 'datetime'],
    ],
  },
  {
    id: 'organization-sync',
    name: 'Organization Sync',
    sourceObject: 'organizations',
    destinationObject: 'Zendesk Organization',
    rows: [
      ['External_ID', 'id', 'text', true],
      ['Name', 'name', 'text', true],
      ['Account_ID', 'external_id', 'text'],
      ['Details', 'details', 'text'],
      ['Created_On', 'created_at', 'datetime'],
      ['Updated_On', 'updated_at', 'datetime'],
    ],
  },
  {
    id: 'user-sync',
    name: 'User Sync',
    sourceObject: 'users',
    destinationObject: 'Zendesk User',
    rows: [
      ['External_ID', 'id', 'text', true],
      ['Name', 'name', 'text'],
      ['Email', 'email', 'text'],
      ['Role', 'role', 'text'],
      ['Is_Active', 'active', 'boolean'],
      ['Is_Suspended', 'suspended', 'boolean'],
      ['Organization_ID', 'organization_id', 'text'],
      ['Created_On', 'created_at', 'datetime'],
      ['Updated_On', 'updated_at', 'datetime'],
    ],
  },
]);

const host = (subdomain: unknown): string => `https://${String(subdomain).toLowerCase()}.zendesk.com`;

export const manifest: Manifest = {
  id: 'zendesk',
  name: 'Zendesk',
  category: 'support',
  summary: 'Tickets, users and organizations of a Zendesk Support account.',
  monogram: 'Ze',
  logo: siZendesk,
  docsUrl:
    'https://support.gainsight.com/Gainsight_NXT/Connectors/Connectors/Sightline_Integrations/Support_Systems/Zendesk_Connector',
  fields: [
    {
      name: 'subdomain',
      label: 'Subdomain',
      kind: 'text',
      required: true,
      help: 'The part before .zendesk.com in the address of your Zendesk account. A sandbox has its own.',
      placeholder: 'acme',
      pattern: {
        source: '[A-Za-z0-9][A-Za-z0-9_-]{0,62}',
        message: 'Enter the subdomain alone: letters, digits, hyphens and underscores.',
      },
    },
  ],
  auth: AUTH,
  endpoints: {
    api: ({ fields }) => host(fields.subdomain),
    login: ({ fields }) => host(fields.subdomain),
    allowedHosts: ['.zendesk.com'],
    orgOf: ({ subdomain }) => String(subdomain).toLowerCase(),
  },
  rateLimit: {
    buckets: {
      // The smallest plan (Team); larger ones allow more and the answer's headers say when it is too much.
      // https://developer.zendesk.com/api-reference/introduction/rate-limits/
      default: { requests: 200, perMs: 60_000 },
      incremental: { requests: 10, perMs: 60_000 },
    },
    maxConcurrent: 4,
  },
  errors: ERRORS,
  objects: OBJECTS,
  jobs: JOBS,
};

export const connector = defineConnector(manifest, source);
