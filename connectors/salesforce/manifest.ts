import { defineConnector, type ErrorRule, jobTable, type Manifest, type OAuthCodeMethod } from '../kit/index.ts';
import { apiPath, source } from './source.ts';

// Fields and log-in hosts: https://support.gainsight.com/SFDC_Edition/Connectors/Connectors/CRM_Integrations/Salesforce_Connector
const FIELDS: Manifest['fields'] = [
  {
    name: 'orgType',
    label: 'Org type',
    kind: 'select',
    required: true,
    help: 'Production logs in at login.salesforce.com, Sandbox at test.salesforce.com, Custom domain at your own My Domain address.',
    options: [
      { value: 'production', label: 'Production' },
      { value: 'sandbox', label: 'Sandbox' },
      { value: 'custom', label: 'Custom domain' },
    ],
    default: 'production',
  },
  {
    name: 'customDomain',
    label: 'Custom domain',
    kind: 'hostname',
    required: true,
    help: 'Setup > My Domain > Current My Domain URL.',
    placeholder: 'acme.my.salesforce.com',
    visibleWhen: { field: 'orgType', oneOf: ['custom'] },
  },
  {
    name: 'apiVersion',
    label: 'API version',
    kind: 'text',
    required: false,
    help: 'Leave as it is unless your org needs an older version; 62.0 is Winter ’25.',
    default: '62.0',
    pattern: { source: '[0-9]{2,3}\\.0', message: 'Enter a version such as 62.0.' },
  },
];

const AUTH: OAuthCodeMethod = {
  kind: 'oauth-code',
  id: 'oauth',
  label: 'Log in to Salesforce (OAuth)',
  fields: [],
  defaultWay: 'window',
  wayReason:
    'Salesforce’s log-in page works in a window. Use the browser if your org signs in by single sign-on with a passkey or a managed device.',
  // https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm
  authorizeUrl: (login) => `${login}/services/oauth2/authorize`,
  tokenUrl: (login) => `${login}/services/oauth2/token`,
  // refresh_token is what others call offline_access: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_tokens_scopes.htm
  scopes: ['api', 'refresh_token'],
  tokenBody: 'form',
  // A public client has none and relies on PKCE: https://developer.salesforce.com/docs/platform/isvforce/guide/secure-code-ac-eca.md
  clientSecret: 'optional',
  // https://docs.devart.com/ssis/get_consumer_key_and_secret.htm
  appHelp: {
    clientId:
      'Consumer Key: Setup > External Client App Manager > your app > OAuth Settings > Consumer Key and Secret.',
    clientSecret: 'Consumer Secret, at the same place.',
  },
  clientAuthentication: 'body',
  // Salesforce takes http for the name localhost only, and compares the port.
  redirect: { host: 'localhost', ports: [42_813, 42_814, 42_815] },
  rotatesRefreshToken: true,
  revocation: { kind: 'rfc7009', url: (login) => `${login}/services/oauth2/revoke` },
  learn: ({ instance_url: instanceUrl, id }) => ({
    ...(typeof instanceUrl === 'string' ? { instanceUrl } : {}),
    ...(typeof id === 'string' ? { identityUrl: id } : {}),
  }),
  apply: { kind: 'bearer', credential: 'accessToken' },
};

const DENIED = 'The authorized user may not do this in Salesforce';

/**
 * REST codes: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
 * Token endpoint: https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm
 */
const ERRORS: readonly ErrorRule[] = [
  // Renewing changes nothing about these, and doing so for ever would loop.
  {
    status: 401,
    contains: 'not valid for use with the rest api',
    class: 'reauthorize_permission',
    message: 'The authorized user has no access to the REST API of Salesforce',
  },
  {
    status: 401,
    contains: 'app not attached to agent',
    class: 'reauthorize_permission',
    message: 'The connected app is not allowed for this org or user',
  },
  { status: 401, class: 'reauthorize_expired', message: 'Salesforce no longer accepts the session', renewAccess: true },
  {
    vendorCode: 'inactive_user',
    class: 'reauthorize_deactivated',
    message: 'The authorized user was deactivated in Salesforce',
  },
  {
    vendorCode: 'invalid_grant',
    contains: 'inactive user',
    class: 'reauthorize_deactivated',
    message: 'The authorized user was deactivated in Salesforce',
  },
  {
    vendorCode: 'inactive_org',
    class: 'licence_expired',
    message: 'The Salesforce org is not active: its trial or licence ended',
  },
  {
    vendorCode: 'invalid_grant',
    contains: 'inactive org',
    class: 'licence_expired',
    message: 'The Salesforce org is not active: its trial or licence ended',
  },
  {
    vendorCode: 'invalid_grant',
    contains: 'authentication failure',
    class: 'reauthorize_password',
    message: 'Salesforce ended the authorization because the user’s password was changed or expired',
  },
  {
    vendorCode: 'invalid_grant',
    class: 'reauthorize_expired',
    message: 'Salesforce refused to renew the authorization: it expired or was revoked',
  },
  {
    vendorCode: ['invalid_client_id', 'invalid_client'],
    class: 'reauthorize_expired',
    message: 'Salesforce does not know the client id or secret of the connected app',
  },
  {
    vendorCode: ['API_DISABLED_FOR_ORG', 'INACTIVE_ORG', 'TRIAL_EXPIRED'],
    class: 'licence_expired',
    message: 'The edition or licence of this Salesforce org has no API access',
  },
  {
    vendorCode: 'API_CURRENTLY_DISABLED',
    class: 'reauthorize_permission',
    message: 'The authorized user lacks the permission “API Enabled” in Salesforce',
  },
  // Too many long requests at once, over when one of them ends: https://help.salesforce.com/s/articleView?id=000389067
  {
    vendorCode: 'REQUEST_LIMIT_EXCEEDED',
    contains: 'concurrent',
    class: 'rate_limited',
    message: 'Salesforce asks for fewer requests at the same time',
    retry: true,
  },
  // https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
  {
    vendorCode: 'REQUEST_LIMIT_EXCEEDED',
    class: 'quota_exceeded',
    message:
      'The org’s API requests are used up. Salesforce counts those of the last 24 hours, so some become free with every hour',
  },
  {
    vendorCode: [
      'INSUFFICIENT_ACCESS',
      'INSUFFICIENT_ACCESS_OR_READONLY',
      'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
    ],
    class: 'reauthorize_permission',
    ofObject: 'object_denied',
    message: DENIED,
  },
  {
    status: 400,
    contains: 'implementation restriction',
    class: 'object_denied',
    message: `${DENIED}; this object needs the permission “View All Data”`,
  },
  // A hidden object and one that does not exist are the same to the API.
  {
    status: 400,
    vendorCode: 'INVALID_TYPE',
    class: 'object_denied',
    message: 'Salesforce does not show this object to the authorized user',
  },
  {
    status: 400,
    vendorCode: 'INVALID_FIELD',
    class: 'schema_changed',
    message: 'A field that the job uses is gone or hidden from the authorized user',
    quotesVendor: true,
  },
  {
    status: 400,
    vendorCode: 'INVALID_QUERY_LOCATOR',
    class: 'bad_request',
    message: 'Salesforce no longer knows the query',
  },
  {
    status: 400,
    vendorCode: 'QUERY_TIMEOUT',
    class: 'server_error',
    message: 'The query took Salesforce too long',
    retry: true,
  },
  { status: [406, 420], class: 'rate_limited', message: 'Salesforce asks for fewer requests', retry: true },
  {
    status: 503,
    contains: 'maintenance',
    class: 'server_error',
    message: 'The Salesforce org is under maintenance',
    retry: true,
  },
];

/** A record becomes visible when its transaction ends, which can be minutes after the stamp it carries. */
const JOB_DEFAULTS = { mode: 'incremental', cursorField: 'SystemModstamp', lookbackSeconds: 600 } as const;

/** Names as in the original; the mapping follows the fields of Gainsight's own objects where there is one. */
const JOBS = jobTable(JOB_DEFAULTS, [
  {
    id: 'company-sync',
    name: 'Company Sync',
    sourceObject: 'Account',
    destinationObject: 'Company',
    rows: [
      ['SFDC_Account_ID__gc', 'Id', 'text', true],
      ['Name', 'Name', 'text', true],
      ['Industry', 'Industry', 'text'],
      ['Employees', 'NumberOfEmployees', 'integer'],
      ['Annual_Revenue__gc', 'AnnualRevenue', 'real'],
      ['Billing_City__gc', 'BillingCity', 'text'],
      ['Billing_Country__gc', 'BillingCountry', 'text'],
      ['Website__gc', 'Website', 'text'],
      ['Phone__gc', 'Phone', 'text'],
      ['Account_Type__gc', 'Type', 'text'],
      ['SFDC_Owner_ID__gc', 'OwnerId', 'text'],
      ['Source_Modified_On__gc', 'SystemModstamp', 'datetime'],
    ],
  },
  {
    id: 'company-person-sync',
    name: 'Company Person Sync',
    sourceObject: 'Contact',
    destinationObject: 'Company Person',
    rows: [
      ['SFDC_Contact_ID__gc', 'Id', 'text', true],
      ['Name', 'Name', 'text', true],
      ['First_Name', 'FirstName', 'text'],
      ['Last_Name', 'LastName', 'text'],
      ['Email', 'Email', 'text'],
      ['Title', 'Title', 'text'],
      ['Phone__gc', 'Phone', 'text'],
      ['SFDC_Account_ID__gc', 'AccountId', 'text'],
      ['SFDC_Owner_ID__gc', 'OwnerId', 'text'],
      ['Source_Modified_On__gc', 'SystemModstamp', 'datetime'],
    ],
  },
  {
    id: 'user-sync',
    name: 'User Sync',
    sourceObject: 'User',
    destinationObject: 'User',
    rows: [
      ['SFDC_User_ID__gc', 'Id', 'text', true],
      ['SFDC_User_Name', 'Username', 'text', true],
      ['Name', 'Name', 'text', true],
      ['First_Name', 'FirstName', 'text'],
      ['Last_Name', 'LastName', 'text'],
      ['Email', 'Email', 'text'],
      ['Title', 'Title', 'text'],
      ['Is_Active', 'IsActive', 'boolean'],
      ['Source_Modified_On__gc', 'SystemModstamp', 'datetime'],
    ],
  },
]);

const LOGIN_HOSTS: Readonly<Record<string, string>> = {
  production: 'login.salesforce.com',
  sandbox: 'test.salesforce.com',
};

export const manifest: Manifest = {
  id: 'salesforce',
  name: 'Salesforce',
  category: 'crm',
  summary: 'Accounts, contacts, users and any other object of a Salesforce org.',
  monogram: 'SF',
  docsUrl: 'https://support.gainsight.com/SFDC_Edition/Connectors/Connectors/CRM_Integrations/Salesforce_Connector',
  fields: FIELDS,
  auth: [AUTH],
  endpoints: {
    // Salesforce says at log-in on which instance the org lives.
    api: ({ fields, learned }) => learned.instanceUrl ?? loginHost(fields),
    login: ({ fields }) => loginHost(fields),
    allowedHosts: ['.salesforce.com', '.salesforce.mil'],
    // A sandbox is an org of its own; a custom domain may be that of either.
    orgOf: ({ orgType }) => (orgType === 'production' || orgType === 'sandbox' ? orgType : null),
    refuseHost: (hostname) =>
      /\.(?:lightning\.force\.com|salesforce-setup\.com|visual\.force\.com)$/.test(hostname)
        ? 'This is the address of a Salesforce page. Enter the My Domain address that ends in .my.salesforce.com.'
        : /\.salesforce\.(?:com|mil)$/.test(hostname)
          ? null
          : 'A My Domain address of Salesforce ends in .my.salesforce.com.',
  },
  // Salesforce counts requests per day, not per second; 25 long-running ones at a time are allowed:
  // https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
  rateLimit: { buckets: { default: { requests: 1_000, perMs: 1_000 } }, maxConcurrent: 8 },
  errors: ERRORS,
  check: (urls) => ({ url: apiPath(urls, '/limits') }),
  jobs: JOBS,
};

function loginHost(fields: Readonly<Record<string, unknown>>): string {
  return `https://${LOGIN_HOSTS[String(fields.orgType)] ?? String(fields.customDomain ?? 'login.salesforce.com').toLowerCase()}`;
}

export const connector = defineConnector(manifest, source);
