/** Zendesk's refusals, word for word where its documentation or issue threads show them. */
import { PracticeRefusal, type PracticeReply } from '../../kit/practice/index.ts';

/** https://github.com/zendesk/zendesk_api_client_rb/issues/297 */
export const INVALID_TOKEN: PracticeReply = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="Zendesk"' },
  json: {
    error: 'invalid_token',
    error_description: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
  },
};

export const NOT_AUTHENTICATED: PracticeReply = { status: 401, json: { error: "Couldn't authenticate you" } };

/** https://support.zendesk.com/hc/en-us/articles/4408831387930 */
export const INVALID_GRANT: PracticeReply = {
  status: 400,
  json: {
    error: 'invalid_grant',
    error_description:
      'The provided access grant is invalid, expired, or revoked (e.g. invalid authorization code, invalid refresh token, etc.).',
  },
};

export const INVALID_CLIENT: PracticeReply = {
  status: 401,
  json: { error: 'invalid_client', error_description: 'No such client' },
};

export const invalidRequest = (text: string): PracticeReply => ({
  status: 400,
  json: { error: 'invalid_request', error_description: text },
});

/** https://github.com/facetoe/zenpy/issues/336 */
export const FORBIDDEN: PracticeReply = {
  status: 403,
  json: {
    error: {
      title: 'Forbidden',
      message:
        'You do not have access to this page. Please contact the account owner of this help desk for further help.',
    },
  },
};

export const missingScope = (scope: string): PracticeReply => ({
  status: 403,
  json: { error: 'Forbidden', description: `You are missing the following required scopes: ${scope}` },
});

export const NOT_FOUND: PracticeReply = { status: 404, json: { error: 'RecordNotFound', description: 'Not found' } };

export const invalidValue = (field: string, text: string): PracticeReply => ({
  status: 422,
  json: {
    error: 'RecordInvalid',
    description: 'Record validation errors',
    details: { [field]: [{ description: text, error: 'InvalidValue' }] },
  },
});

export const ACCOUNT_ENDED: PracticeReply = {
  status: 403,
  html: '<!doctype html><html><head><title>Account expired</title></head><body><h1>This Zendesk account has expired</h1></body></html>',
};

export const TOO_MANY: PracticeReply = {
  status: 429,
  text: 'Rate limit exceeded. Please wait before sending another request.',
};

export const refuse = (reply: PracticeReply): PracticeRefusal => new PracticeRefusal(reply);
