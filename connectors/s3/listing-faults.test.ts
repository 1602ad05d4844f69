// Listings that do not say how they go on, through a gateway before the practice store.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, type PracticeBench, readPages, startBench } from '../kit/conformance.ts';
import type { ConnectorContext } from '../kit/index.ts';
import { type Gateway, openGateway, type PassingAnswer } from '../kit/testing/gateway.ts';
import { connector } from './manifest.ts';
import { practice } from './practice.ts';

let bench: PracticeBench;
const gateways: Gateway[] = [];

beforeAll(async () => {
  bench = await startBench(connector, practice, { records: 50 });
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
});
afterAll(() => bench.close());

/** Edits listings only, and counts them. */
async function behind(
  edit: (body: string, count: number) => string,
): Promise<{ context: ConnectorContext; gateway: Gateway }> {
  let count = 0;
  const gateway = await openGateway(bench.practice.baseUrl, async ({ path }, forward): Promise<PassingAnswer> => {
    const answer = await forward();
    if (!path.includes('list-type=2')) return answer;
    count += 1;
    return { ...answer, body: edit(answer.body, count) };
  });
  gateways.push(gateway);
  return { context: bench.open({ overrides: { apiBaseUrl: gateway.baseUrl } }), gateway };
}

const truncated = (body: string, token: string): string =>
  body.replace('<IsTruncated>false</IsTruncated>', `<IsTruncated>true</IsTruncated>${token}`);
const named = (token: string | number): string => `<NextContinuationToken>${token}</NextContinuationToken>`;

describe.each<[string, (context: ConnectorContext) => Promise<unknown>]>([
  ['a run', (context) => readPages(connector, context, { object: 'accounts.csv', fields: ['id'] })],
  ['the list of objects', (context) => connector.objects(context)],
  ['the list of fields', (context) => connector.fields(context, 'accounts.csv')],
])('%s takes no listing for complete', (_what, work) => {
  it.each<[string, (body: string, count: number) => string, RegExp]>([
    ['that is cut off and has no token', (body) => truncated(body, ''), /is cut off, and the store does not say/],
    ['that is cut off and has an empty token', (body) => truncated(body, named('')), /is cut off/],
    [
      'that does not say whether it is cut off',
      (body) => body.replace('<IsTruncated>false</IsTruncated>', ''),
      /does not say whether it is complete/,
    ],
    [
      'that names the token it was asked with',
      (body) => truncated(body, named('same')),
      /goes on where it began|does not know|answered HTTP/,
    ],
  ])('%s', async (_fault, edit, words) => {
    const { context } = await behind(edit);
    expect((await failureOf(work(context))).message).toMatch(words);
  });

  it('that comes again and again, each time with another token', async () => {
    const first = await behind((body) => body);
    await connector.objects(first.context);
    let whole = '';
    const gateway = await openGateway(bench.practice.baseUrl, async ({ path }, forward): Promise<PassingAnswer> => {
      if (path.includes('continuation-token'))
        return {
          status: 200,
          headers: { 'content-type': 'application/xml' },
          body: truncated(whole, named(gateway.requests)),
        };
      const answer = await forward();
      if (!path.includes('list-type=2')) return answer;
      whole = answer.body;
      return { ...answer, body: truncated(whole, named('first')) };
    });
    gateways.push(gateway);
    const error = await failureOf(work(bench.open({ overrides: { apiBaseUrl: gateway.baseUrl } })));
    expect(error).toMatchObject({ failureClass: 'invalid_response' });
    expect(error.message).toContain('does not come forward');
    expect(gateway.requests).toBeLessThan(300);
  });

  it.each(['{}', '', '<html></html>', '<a/>'])('that is %j', async (body) => {
    const { context } = await behind(() => body);
    expect(await failureOf(work(context))).toMatchObject({ failureClass: 'invalid_response' });
  });
});
