import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  describeConnector,
  failureOf,
  fixedAccess,
  type PracticeBench,
  readPages,
  sampleAccess,
  startBench,
} from '../kit/conformance.ts';
import { judge } from '../kit/errors.ts';
import { checkLearned } from '../kit/http/hosts.ts';
import { ConnectorError, type FilterCondition, type SourceRecord } from '../kit/index.ts';
import { openConnection } from '../kit/runtime.ts';
import { connector, manifest } from './manifest.ts';
import { parseSoql } from './practice/soql.ts';
import { practice } from './practice.ts';
import { condition, soql, textLiteral } from './soql.ts';

describeConnector(connector, practice, { records: 4_500 });

let bench: PracticeBench;
beforeEach(async () => {
  bench = await startBench(connector, practice, { records: 5_000 });
});
afterEach(() => bench.close());

const idsOf = (pages: readonly { readonly records: readonly SourceRecord[] }[]): unknown[] =>
  pages.flatMap(({ records }) => records.map(({ Id }) => Id));
const queries = (): string[] =>
  bench.practice.requests
    .filter(({ path }) => path.endsWith('/query'))
    .map(({ query }) => new URLSearchParams(query).get('q') ?? '');

describe('SOQL', () => {
  it('holds any text as one literal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const { where } = parseSoql(
          soql({ object: 'Account', fields: ['Id'], where: [`Name = ${textLiteral(text)}`], orderBy: ['Id'] }),
        );
        expect(where).toMatchObject({ kind: 'compare', field: 'Name', comparison: '=' });
        // The practice parser keeps the backslash of LIKE's wildcards, and so does Salesforce.
        if (!/\\[%_]/.test(text)) expect(where).toMatchObject({ literal: text });
      }),
    );
  });

  it.each(['Name FROM User', 'Id,Name', 'Name;', "Name'", 'a b', '', '1a', 'Owner..Name', 'COUNT()'])(
    'takes %j for no name',
    (name) => {
      expect(() => soql({ object: 'Account', fields: [name], where: [], orderBy: ['Id'] })).toThrow(
        'is not the name of a Salesforce field',
      );
      expect(() => condition({ field: name, operator: 'isNull', value: '' }, new Map())).toThrow(ConnectorError);
    },
  );

  it.each<[string, string, string]>([
    ['currency', '12.5', 'Field = 12.5'],
    ['int', '-3', 'Field = -3'],
    ['boolean', 'TRUE', 'Field = true'],
    ['datetime', '2026-01-31T08:00:00+02:00', 'Field = 2026-01-31T06:00:00.000Z'],
    ['date', '2026-01-31', 'Field = 2026-01-31'],
    ['string', "O'Brien \\ co", "Field = 'O\\'Brien \\\\ co'"],
    ['reference', '001x', "Field = '001x'"],
  ])('writes a %s as it must be written', (type, value, expected) => {
    expect(condition({ field: 'Field', operator: 'eq', value }, new Map([['Field', type]]))).toBe(expected);
  });

  it.each([
    ['currency', "1' OR Name != '"],
    ['int', '1e9'],
    ['boolean', 'yes'],
    ['datetime', 'yesterday'],
    ['date', '31.1.2026'],
  ])('says what a filter on a %s needs', (type, value) => {
    expect(() => condition({ field: 'Field', operator: 'eq', value }, new Map([['Field', type]]))).toThrow(
      /^The filter on Field needs /,
    );
  });
});

describe('reading', () => {
  const filter = (field: string, operator: FilterCondition['operator'], value = ''): FilterCondition => ({
    field,
    operator,
    value,
  });

  it('lets Salesforce filter', async () => {
    const all = bench.practice.records('Account');
    const cases: [FilterCondition[], (record: Readonly<Record<string, unknown>>) => boolean][] = [
      [[filter('Industry', 'eq', 'Health')], ({ Industry }) => Industry === 'Health'],
      [
        [filter('NumberOfEmployees', 'gte', '5000'), filter('Type', 'ne', 'Partner')],
        ({ NumberOfEmployees, Type }) => Number(NumberOfEmployees) >= 5000 && Type !== 'Partner',
      ],
      [[filter('AnnualRevenue', 'isNull')], ({ AnnualRevenue }) => AnnualRevenue === null],
      [[filter('Name', 'contains', 'cedar')], ({ Name }) => String(Name).toLowerCase().includes('cedar')],
      [[filter('Name', 'contains', '100%_')], () => false],
      [
        [filter('Is_Reference__c', 'eq', 'true'), filter('Description', 'isNotNull')],
        (record) => record.Is_Reference__c === true && record.Description !== null,
      ],
    ];
    for (const [filters, holds] of cases) {
      const pages = await readPages(connector, bench.open(), { object: 'Account', fields: ['Name'], filter: filters });
      expect(idsOf(pages)).toEqual(all.filter(holds).map(({ Id }) => Id));
    }
  });

  it('asks only for what was changed since, in the order of the changes', async () => {
    const all = bench.practice.records('Account');
    const since = { field: 'SystemModstamp', value: String(all[4_000]?.SystemModstamp).replace('+0000', 'Z') };
    const pages = await readPages(connector, bench.open(), { object: 'Account', fields: ['Name'], since });
    expect(idsOf(pages)).toEqual(all.slice(4_000).map(({ Id }) => Id));
    expect(queries().at(-1)).toMatch(
      /^SELECT Id,SystemModstamp,Name FROM Account WHERE SystemModstamp >= \S+Z ORDER BY SystemModstamp,Id$/,
    );
  });

  it.each([[null], [{ field: 'SystemModstamp', value: '2024-01-01T00:00:00Z' }]])(
    'begins anew behind the last row when Salesforce has forgotten the query (since %j)',
    async (since) => {
      const request = { object: 'Account', fields: ['Name'], filter: [], since, checkpoint: null };
      const seen: unknown[] = [];
      let total: number | undefined;
      for await (const page of connector.read(bench.open(), request)) {
        seen.push(...idsOf([page]));
        total = page.total;
        bench.practice.command({ kind: 'forgetCursors' });
      }
      expect(seen).toEqual(bench.practice.records('Account').map(({ Id }) => Id));
      expect(total).toBe(5_000);
      expect(bench.lines.join()).toContain('no longer knows the query');
      expect(queries().length).toBe(3);
    },
  );

  it('reads all fields when none are named, and follows relationships', async () => {
    const [first] = await readPages(connector, bench.open(), {
      object: 'Contact',
      fields: ['Account.Name', 'Owner.Email'],
    });
    expect(first?.records[0]).toMatchObject({
      Account: { Name: 'Northwind Logistics' },
      Owner: { Email: 'dana@acme.example' },
    });
    const [whole] = await readPages(connector, bench.open(), { object: 'User', fields: [] });
    expect(Object.keys(whole?.records[0] ?? {})).toContain('TimeZoneSidKey');
  });

  it('asks for the next page at once and not before it is wanted', async () => {
    const pages = connector
      .read(bench.open(), { object: 'Account', fields: ['Name'], filter: [], since: null, checkpoint: null })
      [Symbol.asyncIterator]();
    await pages.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(bench.practice.requests.length).toBe(1);
    void pages.next();
    await expect.poll(() => bench.practice.requests.length).toBe(2);
  });

  it('names a hidden field in the vendor’s words, and a hidden object', async () => {
    bench.practice.command({ kind: 'denyField', object: 'Account', field: 'AnnualRevenue' });
    const field = await failureOf(
      readPages(connector, bench.open(), { object: 'Account', fields: ['Name', 'AnnualRevenue'] }),
    );
    expect(field.failureClass).toBe('schema_changed');
    expect(field.message).toContain("No such column 'AnnualRevenue' on entity 'Account'");
    bench.practice.command({ kind: 'denyObject', object: 'Account', email: 'dana@acme.example' });
    expect((await connector.objects(bench.open())).map(({ name }) => name)).not.toContain('Account');
    const object = await failureOf(readPages(connector, bench.open(), { object: 'Account', fields: ['Name'] }));
    expect(object.failureClass).toBe('object_denied');
    expect(object.message).toContain('(Account)');
    expect(await connector.explain(bench.open(), object)).toBe(object);
  });

  it('tells a user without the API from one without an object', async () => {
    bench.practice.command({ kind: 'denyObject', object: '*', email: 'dana@acme.example' });
    const error = await failureOf(readPages(connector, bench.open(), { object: 'Account', fields: ['Name'] }));
    expect(error).toMatchObject({ failureClass: 'reauthorize_permission', vendorCode: 'API_CURRENTLY_DISABLED' });
    // An object's refusal in front of it is explained by the cheapest call.
    const object = new ConnectorError('object_denied', 'Not shown (Account).');
    expect((await connector.explain(bench.open(), object)).vendorCode).toBe('API_CURRENTLY_DISABLED');
  });

  it('works with another version of the API', async () => {
    const context = bench.open();
    const older = { ...context, urls: { ...context.urls, fields: { ...context.urls.fields, apiVersion: '60.0' } } };
    await readPages(connector, older, { object: 'User', fields: ['Name'] });
    expect(bench.practice.requests.at(-1)?.path).toBe('/services/data/v60.0/query');
  });
});

describe('identity', () => {
  it('does without the name of an org whose record the user may not see', async () => {
    bench.practice.command({ kind: 'denyObject', object: 'Organization' });
    expect(await connector.identify(bench.open())).toMatchObject({
      account: 'dana@acme.example',
      org: '00DPB0000000001EAA',
    });
  });

  it('takes the ids from the log-in and nothing else from its address', async () => {
    const access = {
      ...sampleAccess(connector, bench.practice),
      learned: { identityUrl: 'https://login.salesforce.com/id/00DPB0000000001EAA/005PB0000000002YAA' },
    };
    const identity = await connector.identify(bench.open({ access: fixedAccess(access) }));
    expect(identity).toEqual({
      accountId: '005PB0000000002YAA',
      account: 'lee@acme.example',
      orgId: '00DPB0000000001EAA',
      org: 'Acme (Practice)',
      isActive: true,
    });
  });
});

describe('an instance address from a log-in answer', () => {
  const overrides = { allowPrivateNetwork: false };

  it.each([
    'https://evil.test',
    'https://x.salesforce.com.evil.test',
    'https://evil.test/acme.my.salesforce.com',
    'http://acme.my.salesforce.com',
    '//evil.test',
    'https://user@acme.my.salesforce.com',
  ])('is not learnt when it is %s, and nothing is sent there', async (instanceUrl) => {
    expect(() => checkLearned(manifest, { instanceUrl }, {}, overrides)).toThrow(ConnectorError);
    const context = openConnection({
      connector,
      authMethodId: 'oauth',
      fields: {},
      overrides,
      learned: { instanceUrl },
      access: fixedAccess(sampleAccess(connector, bench.practice)),
      transport: {
        send: () => Promise.reject(new Error('It was sent.')),
        stream: () => Promise.reject(new Error('It was sent.')),
        close: async () => undefined,
      },
      signal: new AbortController().signal,
      now: () => Date.now(),
      log: () => undefined,
    });
    expect((await failureOf(connector.check(context))).failureClass).toBe('host_refused');
  });

  it('is learnt when it is on a host of Salesforce, or on the overridden log-in host', () => {
    const learned = {
      instanceUrl: 'https://acme.my.salesforce.com',
      identityUrl: 'https://login.salesforce.com/id/00D/005',
    };
    expect(checkLearned(manifest, learned, {}, overrides)).toEqual(learned);
    const local = { instanceUrl: bench.practice.baseUrl };
    expect(
      checkLearned(manifest, local, {}, { loginBaseUrl: bench.practice.baseUrl, allowPrivateNetwork: true }),
    ).toEqual(local);
    expect(() => checkLearned(manifest, local, {}, overrides)).toThrow(ConnectorError);
  });
});

describe('what happens to an authorization', () => {
  const app = { client_id: 'practice-salesforce-app', client_secret: 'practice-salesforce-app-secret' };
  const post = (path: string, values: Record<string, string>, cookie = ''): Promise<Response> =>
    fetch(new URL(path, bench.practice.baseUrl), {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams(values),
    });

  async function authorize(): Promise<{ access_token: string; refresh_token: string; [name: string]: unknown }> {
    const verifier = 'v'.repeat(60);
    const redirect_uri = 'http://localhost:42813/oauth/callback/salesforce';
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: app.client_id,
      redirect_uri,
      scope: 'api refresh_token',
      state: 's',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const page = await fetch(new URL(`/services/oauth2/authorize?${query}`, bench.practice.baseUrl));
    const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
    const hidden = (html: string): Record<string, string> =>
      Object.fromEntries(
        [...html.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
      );
    const consent = await post(
      '/practice/log-in',
      { ...hidden(await page.text()), login: 'dana@acme.example', password: 'practice-dana-1' },
      cookie,
    );
    const back = await post('/practice/consent', { ...hidden(await consent.text()), decision: 'allow' }, cookie);
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const answer = await post('/services/oauth2/token', {
      ...app,
      grant_type: 'authorization_code',
      code,
      redirect_uri,
      code_verifier: verifier,
    });
    return (await answer.json()) as Awaited<ReturnType<typeof authorize>>;
  }

  it('answers a log-in as Salesforce does: where the org is, who it was, no lifetime', async () => {
    const answer = await authorize();
    expect(answer.expires_in).toBeUndefined();
    const [method] = manifest.auth;
    const learned = method?.kind === 'oauth-code' ? method.learn?.(answer) : undefined;
    expect(learned).toEqual({
      instanceUrl: bench.practice.baseUrl,
      identityUrl: `${bench.practice.baseUrl}/id/00DPB0000000001EAA/005PB0000000001YAA`,
    });
  });

  it.each([
    ['deactivateUser', 'reauthorize_deactivated'],
    ['changePassword', 'reauthorize_password'],
    ['endLicence', 'licence_expired'],
    ['revokeGrants', 'reauthorize_expired'],
  ] as const)('is told apart after %s: %s', async (kind, failureClass) => {
    const { access_token, refresh_token } = await authorize();
    bench.practice.command(
      kind === 'deactivateUser' || kind === 'changePassword' ? { kind, email: 'dana@acme.example' } : { kind },
    );
    const refused = await fetch(new URL('/services/data/v62.0/limits', bench.practice.baseUrl), {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(refused.ok).toBe(false);
    const answer = await post('/services/oauth2/token', { ...app, grant_type: 'refresh_token', refresh_token });
    const verdict = judge(
      { status: answer.status, text: await answer.text(), host: 'login.salesforce.com' },
      manifest.errors,
    );
    expect(verdict.rule.class).toBe(failureClass);
  });

  it.each([
    [401, [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }], 'reauthorize_expired', true],
    [
      401,
      [{ errorCode: 'INVALID_SESSION_ID', message: 'This session is not valid for use with the REST API' }],
      'reauthorize_permission',
      undefined,
    ],
    [
      403,
      [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
      'quota_exceeded',
      undefined,
    ],
    [
      403,
      [
        {
          errorCode: 'REQUEST_LIMIT_EXCEEDED',
          message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
        },
      ],
      'rate_limited',
      undefined,
    ],
    [
      503,
      [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentPerOrgLongTxn Limit exceeded.' }],
      'rate_limited',
      undefined,
    ],
    [403, [{ errorCode: 'API_DISABLED_FOR_ORG', message: 'x' }], 'licence_expired', undefined],
    [403, [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'x' }], 'reauthorize_permission', undefined],
    [400, [{ errorCode: 'API_ERROR', message: 'Implementation restriction: ...' }], 'object_denied', undefined],
    [400, [{ errorCode: 'MALFORMED_QUERY', message: 'x' }], 'bad_request', undefined],
    [503, [{ errorCode: 'SERVER_UNAVAILABLE', message: 'x' }], 'server_error', undefined],
  ])('HTTP %d %j is %s', (status, body, failureClass, renews) => {
    const { rule } = judge({ status, text: JSON.stringify(body), host: 'acme.my.salesforce.com' }, manifest.errors);
    expect(rule.class).toBe(failureClass);
    expect(rule.renewAccess).toBe(renews);
  });
});

describe('hosts', () => {
  it.each([
    ['acme.lightning.force.com', true],
    ['acme.my.salesforce-setup.com', true],
    ['evil.test', true],
    ['acme.my.salesforce.com.evil.test', true],
    ['acme.my.salesforce.com', false],
    ['acme--box.sandbox.my.salesforce.com', false],
  ])('%s is refused in the form: %s', (hostname, isRefused) => {
    expect(manifest.endpoints.refuseHost?.(hostname) !== null).toBe(isRefused);
  });

  it('follow the org type until the log-in has said where the org lives', () => {
    const login = (fields: Record<string, string>): string | undefined =>
      manifest.endpoints.login?.({ fields, learned: {} });
    expect(login({ orgType: 'production' })).toBe('https://login.salesforce.com');
    expect(login({ orgType: 'sandbox' })).toBe('https://test.salesforce.com');
    expect(login({ orgType: 'custom', customDomain: 'Acme.my.salesforce.com' })).toBe('https://acme.my.salesforce.com');
    expect(
      manifest.endpoints.api({
        fields: { orgType: 'production' },
        learned: { instanceUrl: 'https://acme.my.salesforce.com' },
      }),
    ).toBe('https://acme.my.salesforce.com');
  });
});
