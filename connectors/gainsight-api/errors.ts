/**
 * Gainsight's error codes. One table for both ways an error arrives: as an HTTP status, or in a 200 whose envelope says
 * `result: false`. https://support.gainsight.com/gainsight_nxt/API_and_Developer_Docs/Company_and_Relationship_API/Error_Codes_for_Company%2C_Relationship%2C_and_Custom_Object_APIs
 */

import type { ErrorRule } from '../kit/index.ts';
import { ConnectorError } from '../kit/index.ts';

type Row = Pick<ErrorRule, 'class' | 'message' | 'retry'> & { readonly codes: readonly string[] };

const KEY_REFUSED = 'Gainsight does not accept the access key: it was reset, deleted or mistyped.';

export const CODES: readonly Row[] = [
  { codes: ['GS_APIG_2401', 'GSOBJ_1024'], class: 'reauthorize_expired', message: KEY_REFUSED },
  {
    codes: ['GS_APIG_2402'],
    class: 'reauthorize_permission',
    message: 'The access key is bound to allowed network addresses and this machine is not among them.',
  },
  // The budget is 100 calls a minute and 50,000 a day in fixed windows.
  {
    codes: ['GS_APIG_2404', 'GU_2400'],
    class: 'rate_limited',
    message: 'Gainsight’s limit of calls is used up.',
    retry: true,
  },
  {
    codes: ['GS_APIG_1000'],
    class: 'not_found',
    message: 'No Gainsight API answers at this domain. Check the Tenant domain field.',
  },
  { codes: ['OBJECT_NOT_FOUND', 'GSOBJ_1023'], class: 'not_found', message: 'Gainsight has no such object.' },
  { codes: ['GSOBJ_1003', 'GU_1101'], class: 'server_error', message: 'Gainsight failed inside.', retry: true },
];

const STATUS_RULES: readonly ErrorRule[] = [
  { status: 401, class: 'reauthorize_expired', message: KEY_REFUSED },
  {
    status: 403,
    class: 'reauthorize_permission',
    ofObject: 'object_denied',
    message: 'The access key may not use this in Gainsight.',
  },
  {
    status: 404,
    class: 'not_found',
    message: 'Gainsight does not know this address. Check the Tenant domain field and the object.',
  },
  { status: 429, class: 'rate_limited', message: 'Gainsight’s limit of calls is used up.', retry: true },
];

export const ERRORS: readonly ErrorRule[] = [
  ...CODES.map(({ codes, ...rule }) => ({ vendorCode: codes, ...rule })),
  ...STATUS_RULES,
];

/** What an error about a single record means. The vendor's own text is not used: it quotes the record's values. */
const ROW_ERRORS: Readonly<Record<string, string>> = {
  GSOBJ_1001: 'a text is longer than its field allows',
  GSOBJ_1002: 'a value does not fit its field',
  GSOBJ_1004: 'the Gsid is missing or wrong',
  GSOBJ_1005: 'a date and time has a form Gainsight cannot read',
  GSOBJ_1006: 'a date has a form Gainsight cannot read',
  GSOBJ_1007: 'a field that must have a value has none',
  GSOBJ_1008: 'a value does not pass the check of its field',
  GSOBJ_1011: 'no record matches',
};

/** An answer whose envelope says no. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** The vendor's text: holds record values, so only for looking things up in, never for showing. */
  readonly description: string;
}

/** True when the refusal is about records and not about the call. */
export function isAboutRecords({ status, code }: Refusal): boolean {
  if (CODES.some(({ codes }) => codes.includes(code))) return false;
  return status === 200 || status === 400;
}

/** @param fields names that may be told apart in the vendor's text; its values are not repeated */
export function rowReason(
  refusal: Refusal,
  fields: readonly { readonly name: string; readonly label: string }[],
): string {
  const what = ROW_ERRORS[refusal.code] ?? 'it does not pass Gainsight’s checks';
  const field = fields.find(
    ({ name }) => refusal.description.includes(`(${name} =`) || refusal.description.includes(`(${name}=`),
  );
  const code = refusal.code === '' ? `status ${refusal.status}` : refusal.code;
  return `Gainsight refused the record: ${what}${field === undefined ? '' : ` (field “${field.label}”)`} [${code}].`;
}

/** @param about names the object */
export function toConnectorError(refusal: Refusal, about: string): ConnectorError {
  const { status, code } = refusal;
  const options = { status, about, ...(code === '' ? {} : { vendorCode: code }) };
  const row = CODES.find(({ codes }) => codes.includes(code));
  if (row !== undefined) {
    return new ConnectorError(
      row.class,
      row.message,
      row.class === 'rate_limited' ? { ...options, retryAfterMs: 60_000 } : options,
    );
  }
  if (status === 404)
    return new ConnectorError('not_found', `Gainsight has no object or address for ${about}.`, options);
  const what = ROW_ERRORS[code];
  return new ConnectorError(
    'bad_request',
    `Gainsight refused the request for ${about}${what === undefined ? '' : `: ${what}`}.`,
    options,
  );
}
