// Lists of custom fields that do not say how they go on, through a gateway before the practice account.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failureOf, type PracticeBench, startBench } from '../kit/conformance.ts';
import type { SourceField } from '../kit/index.ts';
import { openGateway } from '../kit/testing/gateway.ts';
import { connector } from './manifest.ts';
import { practice } from './practice.ts';

let bench: PracticeBench;

beforeAll(async () => {
  bench = await startBench(connector, practice, { records: 10 });
});
afterAll(() => bench.close());

interface List {
  meta?: Record<string, unknown>;
  ticket_fields: unknown[];
}

async function fieldsWith(edit: (list: List, count: number) => void): Promise<{ error: Error; requests: number }> {
  const gateway = await openGateway(bench.practice.baseUrl, async ({ path }, forward) => {
    // The practice account does not know the made-up cursors.
    const answer = await forward();
    if (!path.includes('ticket_fields')) return answer;
    const list = JSON.parse(answer.body) as List;
    edit(list, gateway.requests);
    return { ...answer, status: 200, body: JSON.stringify(list) };
  });
  const work: Promise<SourceField[]> = connector.fields(
    bench.open({ overrides: { apiBaseUrl: gateway.baseUrl } }),
    'tickets',
  );
  const error = await failureOf(work);
  const { requests } = gateway;
  await gateway.close();
  return { error, requests };
}

it.each<[string, (list: List) => void]>([
  ['without a cursor', (list) => Object.assign(list, { meta: { has_more: true } })],
  ['with a null cursor', (list) => Object.assign(list, { meta: { has_more: true, after_cursor: null } })],
  ['without saying whether there are more', (list) => Object.assign(list, { meta: undefined })],
  ['without the list', (list) => Object.assign(list, { ticket_fields: undefined })],
])('a list of custom fields %s is an error', async (_what, edit) => {
  expect((await fieldsWith(edit)).error).toMatchObject({ failureClass: 'invalid_response' });
});

it('a list of custom fields that comes again and again is ended', async () => {
  let first: unknown[] = [];
  const { error, requests } = await fieldsWith((list, count) => {
    if (count === 1) first = list.ticket_fields;
    list.ticket_fields = first;
    list.meta = { has_more: true, after_cursor: `c${count}` };
  });
  expect(error).toMatchObject({ failureClass: 'invalid_response' });
  expect(requests).toBeLessThan(300);
});
