/** Each row of every error table, and whether what it says disconnects a connection: to be read by whoever changes a row. */
import { expect, test } from 'vitest';
import { FAILURE_CLASSES, type FailureClass } from '../src/shared/activity/activity.ts';
import { isLossBySystem, reasonOf } from '../src/shared/failure/rules.ts';
import { connectors } from './catalog.ts';
import { DEFAULT_ERROR_RULES } from './kit/errors.ts';
import type { ErrorRule } from './kit/manifest.ts';

function effect(failureClass: FailureClass): string {
  return isLossBySystem(failureClass) ? `DISCONNECTS (${reasonOf(failureClass)})` : `stays (${failureClass})`;
}

/** "403 REQUEST_LIMIT_EXCEEDED "concurrent" -> stays (rate_limited)" */
function row({ status, vendorCode, contains, class: failureClass, ofObject }: ErrorRule): string {
  const when = [
    ...(status === undefined ? [] : [[status].flat().join('/')]),
    ...(vendorCode === undefined ? [] : [[vendorCode].flat().join('/')]),
    ...(contains === undefined ? [] : [`"${contains}"`]),
  ].join(' ');
  const object = ofObject === undefined ? '' : `; of an object: ${effect(ofObject)}`;
  return `${when} -> ${effect(failureClass)}${object}`;
}

const table = (rules: readonly ErrorRule[]): string => `\n${rules.map(row).join('\n')}\n`;

test('only what a system says of a credential or a licence disconnects, and the vault for what cannot be read', () => {
  expect(FAILURE_CLASSES.filter((one) => reasonOf(one) !== null)).toEqual([
    'reauthorize_expired',
    'reauthorize_permission',
    'reauthorize_deactivated',
    'reauthorize_password',
    'licence_expired',
    'credential_missing',
  ]);
  expect(isLossBySystem('credential_missing')).toBe(false);
});

// A row that disconnects is also tried a second time where the call named an object: see explain in kit/define.ts.
const TABLES: Readonly<Record<string, string>> = {
  default: `
401 -> DISCONNECTS (authorization_expired)
402 -> DISCONNECTS (licence_ended); of an object: stays (object_denied)
403 -> DISCONNECTS (permission_missing); of an object: stays (object_denied)
404/410 -> stays (not_found)
407 -> stays (network)
408 -> stays (timeout)
429 -> stays (rate_limited)
500/502/503/504/520/521/522/523/524 -> stays (server_error)
`,
  'gainsight-api': `
GS_APIG_2401/GSOBJ_1024 -> DISCONNECTS (authorization_expired)
GS_APIG_2402 -> DISCONNECTS (permission_missing)
GS_APIG_2404/GU_2400 -> stays (rate_limited)
GS_APIG_1000 -> stays (not_found)
OBJECT_NOT_FOUND/GSOBJ_1023 -> stays (not_found)
GSOBJ_1003/GU_1101 -> stays (server_error)
401 -> DISCONNECTS (authorization_expired)
403 -> DISCONNECTS (permission_missing); of an object: stays (object_denied)
404 -> stays (not_found)
429 -> stays (rate_limited)
`,
  s3: `
403 "<code>invalidaccesskeyid</code>" -> DISCONNECTS (user_deactivated)
403 "<code>signaturedoesnotmatch</code>" -> DISCONNECTS (password_changed)
400 "<code>expiredtoken</code>" -> DISCONNECTS (authorization_expired)
400 "<code>invalidtoken</code>" -> DISCONNECTS (authorization_expired)
403 "<code>notsignedup</code>" -> DISCONNECTS (licence_ended)
403 "<code>accountproblem</code>" -> DISCONNECTS (licence_ended)
403 "<code>allaccessdisabled</code>" -> DISCONNECTS (licence_ended)
403 "<code>requesttimetooskewed</code>" -> stays (bad_request)
403 "<code>invalidobjectstate</code>" -> stays (bad_request)
404 "<code>nosuchbucket</code>" -> stays (not_found)
404 "<code>nosuchkey</code>" -> stays (not_found)
400 "<code>requesttimeout</code>" -> stays (server_error)
503 "<code>slowdown</code>" -> stays (rate_limited)
403 -> DISCONNECTS (permission_missing)
412 -> stays (bad_request)
416 -> stays (bad_request)
500/503 -> stays (server_error)
`,
  salesforce: `
401 "not valid for use with the rest api" -> DISCONNECTS (permission_missing)
401 "app not attached to agent" -> DISCONNECTS (permission_missing)
401 -> DISCONNECTS (authorization_expired)
inactive_user -> DISCONNECTS (user_deactivated)
invalid_grant "inactive user" -> DISCONNECTS (user_deactivated)
inactive_org -> DISCONNECTS (licence_ended)
invalid_grant "inactive org" -> DISCONNECTS (licence_ended)
invalid_grant "authentication failure" -> DISCONNECTS (password_changed)
invalid_grant -> DISCONNECTS (authorization_expired)
invalid_client_id/invalid_client -> DISCONNECTS (authorization_expired)
API_DISABLED_FOR_ORG/INACTIVE_ORG/TRIAL_EXPIRED -> DISCONNECTS (licence_ended)
API_CURRENTLY_DISABLED -> DISCONNECTS (permission_missing)
REQUEST_LIMIT_EXCEEDED "concurrent" -> stays (rate_limited)
REQUEST_LIMIT_EXCEEDED -> stays (quota_exceeded)
INSUFFICIENT_ACCESS/INSUFFICIENT_ACCESS_OR_READONLY/INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY -> DISCONNECTS (permission_missing); of an object: stays (object_denied)
400 "implementation restriction" -> stays (object_denied)
400 INVALID_TYPE -> stays (object_denied)
400 INVALID_FIELD -> stays (schema_changed)
400 INVALID_QUERY_LOCATOR -> stays (bad_request)
400 QUERY_TIMEOUT -> stays (server_error)
406/420 -> stays (rate_limited)
503 "maintenance" -> stays (server_error)
`,
  zendesk: `
401 "invalid_token" -> DISCONNECTS (authorization_expired)
401 "couldn't authenticate you" -> DISCONNECTS (password_changed)
401 -> DISCONNECTS (authorization_expired)
400 invalid_grant -> DISCONNECTS (authorization_expired)
403 "required scopes" -> DISCONNECTS (permission_missing); of an object: stays (object_denied)
403/404 "account has expired" -> DISCONNECTS (licence_ended)
403/404 "account has been cancelled" -> DISCONNECTS (licence_ended)
402 -> DISCONNECTS (licence_ended); of an object: stays (object_denied)
403 -> DISCONNECTS (permission_missing); of an object: stays (object_denied)
404 "no help desk at" -> stays (not_found)
404 -> stays (not_found)
409 -> stays (server_error)
422 -> stays (bad_request)
`,
};

test('the default table', () => {
  expect(table(DEFAULT_ERROR_RULES)).toBe(TABLES.default);
});

test.each(connectors.map(({ manifest }) => manifest))('the table of $id', ({ id, errors }) => {
  expect(table(errors)).toBe(TABLES[id]);
});

test('there is a table for each connector, and for no other', () => {
  expect(Object.keys(TABLES).toSorted()).toEqual(
    ['default', ...connectors.map(({ manifest }) => manifest.id)].toSorted(),
  );
});
