import { describe, expect, it, onTestFinished } from 'vitest';
import {
  describeConnector,
  failureOf,
  fixedAccess,
  type PracticeBench,
  readPages,
  sampleAccess,
  startBench,
} from '../kit/conformance.ts';
import { type Access, ConnectorError, Secret } from '../kit/index.ts';
import { connector, manifest, untilNextMinute } from './manifest.ts';
import { practice } from './practice.ts';

// Three pages of five thousand.
describeConnector(connector, practice, { records: 11_000 });

async function start(records = 20): Promise<PracticeBench> {
  const bench = await startBench(connector, practice, { records });
  onTestFinished(() => bench.close());
  return bench;
}

const refusal = (code: string | null, text = 'x') =>
  JSON.stringify({ result: false, errorCode: code, errorDesc: text, requestId: 'r', data: null, message: null });

describe('envelope', () => {
  it.each([
    [200, 'GS_APIG_2401', 'reauthorize_expired'],
    [401, 'GS_APIG_2401', 'reauthorize_expired'],
    [400, 'GSOBJ_1024', 'reauthorize_expired'],
    [403, 'GS_APIG_2402', 'reauthorize_permission'],
    [401, 'GS_APIG_2402', 'reauthorize_permission'],
    [403, null, 'reauthorize_permission'],
    [404, 'GS_APIG_1000', 'not_found'],
    [400, 'OBJECT_NOT_FOUND', 'not_found'],
    [200, 'GSOBJ_1023', 'not_found'],
    [200, 'GS_APIG_2404', 'rate_limited'],
    [200, 'GSOBJ_1003', 'server_error'],
    [200, null, 'bad_request'],
    [400, 'GSOBJ_9999', 'bad_request'],
  ])('status %i with %s is %s', async (status, code, failureClass) => {
    const bench = await start();
    bench.practice.command({ kind: 'failNext', status, body: refusal(code, 'secret record value'), times: 1 });
    const error = await failureOf(connector.check(bench.open()));
    expect(error.failureClass).toBe(failureClass);
    expect(error.message).not.toContain('secret record value');
    expect(bench.lines.join()).not.toContain('secret record value');
  });

  it('takes an answer that is no envelope for another system', async () => {
    const bench = await start();
    bench.practice.command({ kind: 'failNext', status: 200, body: '{"status":"ok"}', times: 1 });
    expect((await failureOf(connector.check(bench.open()))).failureClass).toBe('invalid_response');
  });

  it('does not follow a redirect to a log-in page elsewhere', async () => {
    const bench = await start();
    bench.practice.command({
      kind: 'failNext',
      status: 302,
      headers: { location: 'https://login.example/' },
      times: 1,
    });
    expect((await failureOf(connector.check(bench.open()))).failureClass).toBe('host_refused');
  });

  it('says that the key was reset', async () => {
    const bench = await start();
    bench.practice.command({ kind: 'revokeGrants' });
    const error = await failureOf(connector.check(bench.open()));
    expect(error).toMatchObject({ failureClass: 'reauthorize_expired', vendorCode: 'GS_APIG_2401' });
    bench.practice.command({ kind: 'restore' });
    await connector.check(bench.open());
  });
});

describe('hosts', () => {
  it('allows Gainsight’s own hosts and the domain that was typed, nothing else', () => {
    expect(manifest.endpoints.allowedHosts).toEqual(['.gainsightcloud.com', '{domain}']);
    expect(manifest.endpoints.api({ fields: { domain: ' Success.Acme.example ' }, learned: {} })).toBe(
      'https://success.acme.example',
    );
  });

  it('names the account by the domain and the end of the key', async () => {
    const bench = await start();
    expect(await connector.identify(bench.open())).toEqual({
      accountId: 'acme.gainsight.example:0a1',
      account: 'Access key …0a1',
      orgId: 'acme.gainsight.example',
      org: 'acme.gainsight.example',
      isActive: true,
    });
  });

  it('says that a key is missing, and that a key with a line end in it is none', async () => {
    const bench = await start();
    const none: Access = { credentials: {}, expiresAtMs: null, learned: {} };
    expect((await failureOf(connector.identify(bench.open({ access: fixedAccess(none) })))).failureClass).toBe(
      'credential_missing',
    );
    const broken: Access = { ...none, credentials: { accessKey: new Secret('ab\r\ncd') } };
    expect((await failureOf(connector.identify(bench.open({ access: fixedAccess(broken) })))).failureClass).toBe(
      'reauthorize_password',
    );
    expect(sampleAccess(connector, bench.practice).credentials.accessKey?.reveal()).toHaveLength(36);
  });
});

describe('limits', () => {
  it('keeps to a hundred calls a minute', () => {
    expect(manifest.rateLimit.buckets).toEqual({ default: { requests: 100, perMs: 60_000 } });
  });

  it('waits for the next full minute of the server’s clock after a 429 that says nothing', () => {
    const date = 'Tue, 24 Nov 2026 10:20:42 GMT';
    expect(untilNextMinute({ status: 429, headers: { date } })).toBe(18_500);
    expect(untilNextMinute({ status: 429, headers: {} })).toBe(60_000);
    expect(untilNextMinute({ status: 429, headers: { date: 'yesterday' } })).toBe(60_000);
    expect(untilNextMinute({ status: 429, headers: { date, 'retry-after': '3' } })).toBeUndefined();
    expect(untilNextMinute({ status: 503, headers: { date } })).toBeUndefined();
  });

  it('goes on by itself when the window is over, inserts included', async () => {
    const bench = await start(0);
    const context = bench.open();
    await connector.destination?.fields(context, 'Company');
    const nearlyOver = { date: 'Tue, 24 Nov 2026 10:20:59 GMT' };
    bench.practice.command({
      kind: 'failNext',
      status: 429,
      headers: nearlyOver,
      body: refusal('GS_APIG_2404'),
      times: 1,
    });
    await connector.check(context);
    const write = connector.destination?.write(context, {
      object: 'Company',
      keys: ['Name'],
      records: [{ Name: 'Cedar' }],
    });
    // The query has gone out by then; the refusal meets the insert.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await write).toMatchObject([{ ok: true }]);
    expect(bench.practice.written('Company')).toHaveLength(1);
  });

  it('takes a refusal that outlasts the minute for the limit of the day', async () => {
    const bench = await start();
    const refused = { kind: 'failNext', status: 429, body: refusal('GS_APIG_2404'), times: 5 } as const;
    bench.practice.command({ ...refused, headers: { 'retry-after': '0' } });
    expect((await failureOf(connector.check(bench.open()))).failureClass).toBe('rate_limited');
    bench.practice.command({ ...refused, headers: { 'retry-after': '40000' } });
    const error = await failureOf(connector.check(bench.open()));
    expect(error).toMatchObject({ failureClass: 'quota_exceeded', retryAfterMs: 40_000_000 });
    bench.practice.command({ kind: 'restore' });
    bench.practice.command({ ...refused, headers: { 'retry-after': '0' } });
    let now = 0;
    const slow = {
      ...bench.open(),
      now: () => {
        now += 100_000;
        return now;
      },
    };
    expect((await failureOf(connector.check(slow))).failureClass).toBe('quota_exceeded');
  });

  it('is a practice window without Retry-After, by the clock', async () => {
    const bench = await start();
    bench.practice.command({ kind: 'rateLimit', requests: 1, perSeconds: 3600 });
    const call = () =>
      fetch(`${bench.practice.baseUrl}/v1/meta/services/objects/list`, {
        headers: { accesskey: bench.practice.samples.secrets.accessKey ?? '' },
      });
    expect((await call()).status).toBe(200);
    const second = await call();
    expect(second.status).toBe(429);
    expect(second.headers.get('retry-after')).toBeNull();
    expect(await second.json()).toMatchObject({ result: false, errorCode: 'GS_APIG_2404' });
  });
});

describe('reading', () => {
  it('offers what is readable as source and what the row API writes as destination', async () => {
    const context = (await start()).open();
    const names = (await connector.objects(context)).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['Company', 'Case', 'Product_Usage__gc', 'gsuser']));
    const targets = (await connector.destination?.objects(context))?.map(({ name }) => name);
    expect(targets).toEqual(['Company', 'Case', 'Zendesk_Organization__gc', 'Contract__gc']);
  });

  it('gives dates as ISO 8601 and marks key and cursor', async () => {
    const bench = await start();
    const context = bench.open();
    const fields = await connector.fields(context, 'Company');
    expect(fields.filter(({ isKey }) => isKey).map(({ name }) => name)).toEqual(['Gsid']);
    expect(fields.filter(({ isCursor }) => isCursor).map(({ name }) => name)).toEqual(['ModifiedDate']);
    const [page] = await readPages(connector, context, { object: 'Company', fields: ['Name', 'RenewalDate'] });
    const [stored] = bench.practice.records('Company');
    expect(page?.records[0]).toEqual({
      Gsid: stored?.Gsid,
      Name: stored?.Name,
      RenewalDate: new Date(Number(stored?.RenewalDate)).toISOString(),
      ModifiedDate: new Date(Number(stored?.ModifiedDate)).toISOString(),
    });
  });

  it('takes both ways of saying that there is nothing', async () => {
    const bench = await start(0);
    expect(await readPages(connector, bench.open(), { object: 'Company' })).toEqual([]);
    expect(await readPages(connector, bench.open(), { object: 'Case' })).toEqual([]);
  });

  it('filters by its own conditions and by the time of change, a day earlier for the unknown zone', async () => {
    const bench = await start(20);
    const context = bench.open();
    const rows = bench.practice.records('Company');
    const since = { field: 'ModifiedDate', value: new Date(Number(rows[15]?.ModifiedDate)).toISOString() };
    const changed = await readPages(connector, context, { object: 'Company', fields: ['Name'], since });
    expect(changed.flatMap(({ records }) => records)).toHaveLength(6);
    const filter = [
      { field: 'Industry', operator: 'eq', value: 'Health' },
      { field: 'Phone__gc', operator: 'isNull', value: '' },
    ] as const;
    const filtered = await readPages(connector, context, { object: 'Company', fields: ['Name'], filter });
    expect(filtered.flatMap(({ records }) => records)).toHaveLength(
      rows.filter(({ Industry }) => Industry === 'Health').length,
    );
  });

  it('says which field of a mapping is gone', async () => {
    const bench = await start();
    bench.practice.command({ kind: 'denyField', object: 'Company', field: 'Industry' });
    const error = await failureOf(
      readPages(connector, bench.open(), { object: 'Company', fields: ['Name', 'Industry'] }),
    );
    expect(error.failureClass).toBe('schema_changed');
    expect(error.message).toContain('Industry');
  });

  it('refuses a checkpoint that is none of its own', async () => {
    const bench = await start();
    expect(
      (await failureOf(readPages(connector, bench.open(), { object: 'Company', checkpoint: { page: 3 } })))
        .failureClass,
    ).toBe('internal');
  });

  it('loses no row when rows change, appear and vanish while it reads', async () => {
    const bench = await start(12_000);
    const context = bench.open();
    const write = (records: Record<string, string>[]) =>
      connector.destination?.write(context, { object: 'Company', keys: ['Name'], records });
    const { baseUrl, samples } = bench.practice;
    const before = bench.practice.records('Company');
    const removed = new Set<unknown>();
    const seen = new Set<unknown>();
    let pages = 0;
    for await (const page of connector.read(context, {
      object: 'Company',
      fields: ['Name'],
      filter: [],
      since: null,
      checkpoint: null,
    })) {
      for (const { Gsid } of page.records) seen.add(Gsid);
      pages += 1;
      if (pages > 2) continue;
      // Rows that were read move to the end and let all behind them move up, the page's last one among them.
      await write(
        before
          .slice(pages * 5000 - 60, pages * 5000)
          .map(({ Name }) => ({ Name: String(Name), Phone__gc: String(pages) })),
      );
      await write([{ Name: `New customer ${pages}` }]);
      for (const { Gsid } of before.slice(pages * 100, pages * 100 + 20)) {
        removed.add(Gsid);
        await fetch(`${baseUrl}/v1/data/objects/Company/${String(Gsid)}`, {
          method: 'DELETE',
          headers: { accesskey: samples.secrets.accessKey ?? '' },
        });
      }
    }
    const missing = bench.practice.records('Company').filter(({ Gsid }) => !seen.has(Gsid));
    expect(missing).toEqual([]);
    expect(removed.size).toBe(40);
    expect(bench.lines.join('\n')).toContain('Rows of Company moved while they were read');
  });
});

describe('errors stay typed', () => {
  it('throws connector errors only', async () => {
    const bench = await start();
    bench.practice.command({ kind: 'denyObject', object: 'Company' });
    await expect(connector.fields(bench.open(), 'Company')).rejects.toBeInstanceOf(ConnectorError);
  });
});
