import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { failureOf, type PracticeBench, sampleAccess, startBench } from '../kit/conformance.ts';
import { createRateLimiter } from '../kit/http/rate-limit.ts';
import type { Transport } from '../kit/http/transport.ts';
import { type ConnectorContext, ConnectorError, ExactNumber, type WriteBatch, type WriteResult } from '../kit/index.ts';
import { openConnection } from '../kit/runtime.ts';
import { keyOf } from './load.ts';
import { connector } from './manifest.ts';
import { practice } from './practice.ts';
import { writeBatch } from './write.ts';

async function start(records = 0): Promise<PracticeBench> {
  const bench = await startBench(connector, practice, { records });
  onTestFinished(() => bench.close());
  return bench;
}

function write(context: ConnectorContext, batch: WriteBatch): Promise<WriteResult[]> {
  if (connector.destination === undefined) throw new Error('no destination');
  return connector.destination.write(context, batch);
}

const companies = (...records: WriteBatch['records']): WriteBatch => ({
  object: 'Company',
  keys: ['SFDC_Account_ID__gc'],
  records,
});
const company = (id: string, more: Record<string, string | number | boolean | null> = {}) => ({
  SFDC_Account_ID__gc: id,
  Name: `Company ${id}`,
  ...more,
});

const callsOf = (bench: PracticeBench, method: string) =>
  bench.practice.requests.filter(
    (request) => request.method === method && !request.path.includes('/query/') && request.path.startsWith('/v1/data/'),
  ).length;

describe('upsert', () => {
  it('updates what exists and inserts the rest, with results in order', async () => {
    const bench = await start();
    const context = bench.open();
    const first = await write(context, companies(company('a'), company('b')));
    const second = await write(context, companies(company('c'), company('b', { Industry: 'Energy' }), company('d')));
    expect(first.every(({ ok }) => ok)).toBe(true);
    expect(second[1]).toEqual(first[1]);
    expect(
      bench.practice
        .records('Company')
        .map(({ SFDC_Account_ID__gc: id, Industry }) => [id, Industry])
        .sort(),
    ).toEqual([
      ['a', undefined],
      ['b', 'Energy'],
      ['c', undefined],
      ['d', undefined],
    ]);
    const ids = new Set(bench.practice.records('Company').map(({ Gsid }) => Gsid));
    for (const result of [...first, ...second]) expect(ids.has(result.ok ? result.id : '')).toBe(true);
  });

  it('changes nothing when a batch comes again', async () => {
    const bench = await start();
    const batch = companies(...Array.from({ length: 120 }, (_, index) => company(`k${index}`, { Employees: index })));
    const first = await write(bench.open(), batch);
    expect(await write(bench.open(), batch)).toEqual(first);
    expect(bench.practice.records('Company')).toHaveLength(120);
  });

  it('sends at most fifty records a call and asks for existing ones once', async () => {
    const bench = await start();
    const batch = companies(...Array.from({ length: 200 }, (_, index) => company(`k${index}`)));
    await write(bench.open(), batch);
    expect(callsOf(bench, 'POST')).toBe(4);
    expect(bench.practice.requests.filter(({ path }) => path.includes('/query/'))).toHaveLength(1);
    expect(connector.destination?.maxBatch).toBe(200);
  });

  it('lets the last of several records with one key win, and gives all of them its result', async () => {
    const bench = await start();
    const results = await write(
      bench.open(),
      companies(company('a', { Employees: 1 }), company('b'), company('a', { Employees: 3 })),
    );
    expect(results[0]).toEqual(results[2]);
    expect(
      bench.practice
        .records('Company')
        .map(({ SFDC_Account_ID__gc: id, Employees }) => [id, Employees])
        .sort(),
    ).toEqual([
      ['a', 3],
      ['b', undefined],
    ]);
  });

  it('sends numbers exactly or not at all', async () => {
    const bench = await start();
    const numbers = ['9007199254740993', '0.1234567890123456789', '0x10', '1e400', '00501', '+5', ' ', '12.50', '-7'];
    const results = await write(
      bench.open(),
      companies(...numbers.map((Employees, index) => company(`k${index}`, { Employees }))),
    );
    const digits = expect.stringMatching(/has more digits than a number keeps exactly/);
    expect(results.map((result) => (result.ok ? 'taken' : result.reason))).toEqual([
      digits,
      digits,
      expect.stringMatching(/is not a number\.$/),
      expect.stringMatching(/exponent/),
      expect.stringMatching(/leading zeros, which a number loses/),
      expect.stringMatching(/plus sign/),
      expect.stringMatching(/spaces/),
      'taken',
      'taken',
    ]);
    expect(bench.practice.records('Company').map(({ Employees }) => Employees)).toEqual([12.5, -7]);
  });

  it('does not take a number of Gainsight for its neighbour', async () => {
    const fields = new Map([['Number__gc', { dataType: 'NUMBER' }]]) as unknown as Parameters<typeof keyOf>[2];
    const stored = keyOf({ Number__gc: new ExactNumber('9007199254740993') }, ['Number__gc'], fields);
    expect(stored).not.toBe(keyOf({ Number__gc: 9007199254740992 }, ['Number__gc'], fields));
    expect(keyOf({ Number__gc: '12.0' }, ['Number__gc'], fields)).toBe(
      keyOf({ Number__gc: 12 }, ['Number__gc'], fields),
    );
  });

  it('matches by up to three keys, numbers among them', async () => {
    const bench = await start();
    const batch = (value: number): WriteBatch => ({
      object: 'Contract__gc',
      keys: ['Number__gc', 'Region__gc'],
      records: [
        { Number__gc: 1, Region__gc: 'EU', Value__gc: value },
        { Number__gc: 2, Region__gc: 'US', Value__gc: value },
        { Number__gc: '1', Region__gc: 'US', Value__gc: value },
      ],
    });
    await write(bench.open(), batch(1));
    expect((await write(bench.open(), batch(2))).every(({ ok }) => ok)).toBe(true);
    expect(
      bench.practice
        .records('Contract__gc')
        .map((row) => [row.Number__gc, row.Region__gc, row.Value__gc])
        .sort(),
    ).toEqual([
      [1, 'EU', 2],
      [1, 'US', 2],
      [2, 'US', 2],
    ]);
  });

  it('refuses a record whose key exists twice in Gainsight, and goes on with the others', async () => {
    const bench = await start();
    const context = bench.open();
    await write(context, {
      object: 'Company',
      keys: ['Name'],
      records: [
        { Name: 'One', Phone__gc: '7' },
        { Name: 'Two', Phone__gc: '7' },
      ],
    });
    const results = await write(context, {
      object: 'Company',
      keys: ['Phone__gc'],
      records: [
        { Phone__gc: '7', Name: 'Three' },
        { Phone__gc: '8', Name: 'Four' },
      ],
    });
    expect(results[0]).toEqual({
      ok: false,
      reason: 'More than one record of Company has this key in Gainsight. Merge them, or choose a key that is unique.',
    });
    expect(results[1]).toMatchObject({ ok: true });
    expect(bench.practice.records('Company')).toHaveLength(3);
  });

  it('converts values to what the fields take', async () => {
    const bench = await start();
    const more = {
      Employees: '12',
      ARR: 9.5,
      Is_Reference__gc: 'true',
      RenewalDate: '2027-03-04T10:11:12.345Z',
      Source_Modified_On__gc: '2026-11-24T10:11:12.345+01:00',
      Summary: 7,
    };
    expect(await write(bench.open(), companies(company('a', more)))).toMatchObject([{ ok: true }]);
    expect(bench.practice.records('Company')[0]).toMatchObject({
      Employees: 12,
      ARR: 9.5,
      Is_Reference__gc: true,
      RenewalDate: Date.parse('2027-03-04T00:00:00Z'),
      Source_Modified_On__gc: Date.parse('2026-11-24T09:11:12Z'),
      Summary: '7',
    });
  });

  it('takes the day of a date in the zone of the mapping, and text in the formats that it names', async () => {
    const bench = await start();
    const at = (id: string, RenewalDate: string) => company(id, { RenewalDate, Source_Modified_On__gc: RenewalDate });
    const records = [at('a', '2027-03-04T02:00:00.000Z'), at('b', '04.03.2027 23:30'), at('c', '2027-03-04')];
    const rule = { timeZone: 'America/New_York', formats: ['DD.MM.YYYY HH:mm'] };
    const batch = { ...companies(...records), dates: { RenewalDate: rule, Source_Modified_On__gc: rule } };
    expect((await write(bench.open(), batch)).every(({ ok }) => ok)).toBe(true);
    expect(
      bench.practice
        .records('Company')
        .map((row) => [
          row.SFDC_Account_ID__gc,
          new Date(Number(row.RenewalDate)).toISOString().slice(0, 10),
          new Date(Number(row.Source_Modified_On__gc)).toISOString(),
        ]),
    ).toEqual([
      ['a', '2027-03-03', '2027-03-04T02:00:00.000Z'],
      ['b', '2027-03-04', '2027-03-05T04:30:00.000Z'],
      ['c', '2027-03-04', '2027-03-04T05:00:00.000Z'],
    ]);
  });

  it('takes nothing for a date, a number or a boolean that was written otherwise', async () => {
    const bench = await start();
    const bad: [Record<string, string | number>, RegExp][] = [
      [{ RenewalDate: 'Test 2' }, /^The value for “Renewal Date” is not a date or time in ISO 8601\.$/],
      [{ RenewalDate: '2' }, /is not a date or time/],
      [{ RenewalDate: '2024-02-30' }, /does not exist/],
      [{ RenewalDate: '04/03/2027' }, /is not a date or time/],
      [{ RenewalDate: 'March 4, 2027' }, /is not a date or time/],
      [{ RenewalDate: 20_270_304 }, /is not a date or time/],
      [{ Source_Modified_On__gc: '2027-03-04T25:00' }, /does not exist/],
      [{ Employees: '00501' }, /leading zeros/],
      [{ Employees: '0x10' }, /is not a number/],
      [{ ARR: '12E5' }, /exponent/],
      [{ ARR: '9007199254740993' }, /more digits/],
      [{ Is_Reference__gc: '1' }, /other words/],
    ];
    const results = await write(bench.open(), companies(...bad.map(([more], index) => company(`k${index}`, more))));
    for (const [index, result] of results.entries())
      expect(result.ok ? 'ok' : result.reason).toMatch(bad[index]?.[1] ?? /never/);
    expect(bench.practice.records('Company')).toHaveLength(0);
  });

  it('does not send a batch without records', async () => {
    const bench = await start();
    expect(await write(bench.open(), companies())).toEqual([]);
    expect(bench.practice.requests).toEqual([]);
  });
});

describe('refused records', () => {
  it('are found here before a call, without their values', async () => {
    const bench = await start();
    const bad: WriteBatch['records'] = [
      company('a', { Employees: 'private-many' }),
      company('b', { Is_Reference__gc: 'private-maybe' }),
      company('c', { RenewalDate: 'private-soon' }),
      company('d', { Industry: `private-${'x'.repeat(200)}` }),
      company('e', { Owner_Email__gc: 'private-nobody' }),
      company('f', { Name: null }),
      { SFDC_Account_ID__gc: 'g' },
      { Name: 'private-no key' },
      { SFDC_Account_ID__gc: '', Name: 'private-empty key' },
    ];
    const results = await write(bench.open(), companies(...bad, company('good')));
    expect(results.map((result) => (result.ok ? 'ok' : result.reason))).toEqual([
      'The value for “Employees” is not a number.',
      'The value for “Is Reference” is neither true nor false.',
      'The value for “Renewal Date” is not a date or time in ISO 8601.',
      'The value for “Industry” is longer than 120 characters.',
      'The value for “Owner Email” is not an email address.',
      '“Name” must have a value.',
      '“Name” is required for a new record and has no value.',
      'The key field “SFDC Account ID” has no value.',
      'The key field “SFDC Account ID” has no value.',
      'ok',
    ]);
    expect(callsOf(bench, 'POST')).toBe(1);
    expect(JSON.stringify([results, bench.lines])).not.toContain('private-');
  });

  it('that only Gainsight can tell never fail the others: halves are tried', async () => {
    const bench = await start();
    const batch = companies(
      ...Array.from({ length: 50 }, (_, index) =>
        company(
          `k${index}`,
          index === 17 || index === 18 || index === 40 ? { Status: 'private-Unheard of' } : { Status: 'Active' },
        ),
      ),
    );
    const results = await write(bench.open(), batch);
    expect(results.flatMap(({ ok }, index) => (ok ? [] : [index]))).toEqual([17, 18, 40]);
    expect(results[17]).toEqual({
      ok: false,
      reason: 'Gainsight refused the record: a value does not fit its field (field “Status”) [GSOBJ_1002].',
    });
    expect(bench.practice.records('Company')).toHaveLength(47);
    expect(callsOf(bench, 'POST')).toBeLessThan(32);
    expect(JSON.stringify([results, bench.lines])).not.toContain('private-');
  });

  it('of an update fail alone as well', async () => {
    const bench = await start();
    const context = bench.open();
    const records = Array.from({ length: 50 }, (_, index) => company(`k${index}`));
    await write(context, companies(...records));
    const results = await write(
      context,
      companies(...records.map((record, index) => ({ ...record, Stage: index === 3 ? 'Unheard of' : 'Launched' }))),
    );
    expect(results.flatMap(({ ok }, index) => (ok ? [] : [index]))).toEqual([3]);
    expect(bench.practice.records('Company').filter(({ Stage }) => Stage === 'Launched')).toHaveLength(49);
  });

  it('with a Gsid as key are refused where there is no such record', async () => {
    const bench = await start();
    const results = await write(bench.open(), {
      object: 'Company',
      keys: ['Gsid'],
      records: [{ Gsid: '1P02NOBODY', Name: 'x' }],
    });
    expect(results).toEqual([{ ok: false, reason: 'Company has no record with this Gsid.' }]);
  });
});

describe('refused batches', () => {
  it.each([
    [{ object: 'Company', keys: [], records: [{ Name: 'a' }] }, 'bad_request'],
    [{ object: 'Company', keys: ['Name', 'Phone__gc', 'Industry', 'CSM'], records: [{ Name: 'a' }] }, 'bad_request'],
    [{ object: 'Company', keys: ['RenewalDate'], records: [{ RenewalDate: '2027-01-01' }] }, 'bad_request'],
    [{ object: 'Company', keys: ['Nickname'], records: [{ Nickname: 'a' }] }, 'schema_changed'],
    [{ object: 'Company', keys: ['Name'], records: [{ Name: 'a', Nickname: 'b' }] }, 'schema_changed'],
    [{ object: 'Company', keys: ['Name'], records: [{ Name: 'a', CreatedDate: '2027-01-01' }] }, 'destination_refused'],
    [{ object: 'Nothing__gc', keys: ['Name'], records: [{ Name: 'a' }] }, 'not_found'],
  ] as const)('%j ends in %s and writes nothing', async (batch, failureClass) => {
    const bench = await start();
    expect((await failureOf(write(bench.open(), batch))).failureClass).toBe(failureClass);
    expect(callsOf(bench, 'POST') + callsOf(bench, 'PUT')).toBe(0);
  });

  it('do not halve when it is the key that is refused', async () => {
    const bench = await start();
    const context = bench.open();
    await connector.destination?.fields(context, 'Company');
    bench.practice.command({ kind: 'revokeGrants' });
    expect((await failureOf(write(context, companies(company('a'), company('b'))))).failureClass).toBe(
      'reauthorize_expired',
    );
    expect(callsOf(bench, 'POST')).toBe(0);
  });

  it('insert a record that vanished between question and update', async () => {
    const bench = await start();
    const context = bench.open();
    await write(context, companies(company('a'), company('b')));
    const gone = bench.practice.records('Company').find(({ SFDC_Account_ID__gc: id }) => id === 'a')?.Gsid;
    const { send } = context.http;
    const http: ConnectorContext['http'] = {
      ...context.http,
      async send(request) {
        if (request.method === 'PUT' && bench.practice.records('Company').some(({ Gsid }) => Gsid === gone)) {
          await send({ method: 'DELETE', url: `/v1/data/objects/Company/${String(gone)}` });
        }
        return send(request);
      },
    };
    const results = await write(
      { ...context, http },
      companies(company('a', { Users: 1 }), company('b', { Users: 2 })),
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(
      bench.practice
        .records('Company')
        .map(({ SFDC_Account_ID__gc: id, Users }) => [id, Users])
        .sort(),
    ).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });
});

describe('answers that do not account for every record', () => {
  /** Changes the body of the first answer to a method. */
  function answering(context: ConnectorContext, method: string, body: (data: unknown) => unknown): ConnectorContext {
    const { send } = context.http;
    const http: ConnectorContext['http'] = {
      ...context.http,
      async send(request) {
        const response = await send(request);
        const isMeant = request.method === method && !request.url.includes('/query/');
        return isMeant ? { ...response, json: () => body(response.json()) } : response;
      },
    };
    return { ...context, http };
  }
  const none = () => ({ result: true, data: { count: 0, errors: [{ anything: 1 }], records: [] } });

  it('to an update are never followed by an insert of what is there', async () => {
    const bench = await start();
    await write(bench.open(), companies(company('a'), company('b')));
    const results = await write(answering(bench.open(), 'PUT', none), companies(company('a'), company('b')));
    expect(results.map(({ ok }) => ok)).toEqual([false, false]);
    expect(bench.practice.records('Company')).toHaveLength(2);
  });

  it('to an insert are checked by looking what arrived', async () => {
    const bench = await start();
    const results = await write(answering(bench.open(), 'POST', none), companies(company('a'), company('b')));
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    expect(bench.practice.records('Company')).toHaveLength(2);
  });
});

/** A wire that carries every call and loses every `every`-th answer to a write. */
function losing(transport: Transport, every: number): Transport {
  let writes = 0;
  return {
    ...transport,
    async send(request, signal) {
      const answer = await transport.send(request, signal);
      const isWrite =
        /\/v1\/data\/objects\/[A-Z]/.test(request.url) && (request.method === 'POST' || request.method === 'PUT');
      if (isWrite) writes += 1;
      if (isWrite && writes % every === 0)
        throw new ConnectorError('network', 'The connection was lost before the answer came.');
      return answer;
    },
  };
}

function openOver(bench: PracticeBench, transport: Transport): ConnectorContext {
  const { samples } = bench.practice;
  const access = sampleAccess(connector, bench.practice);
  return openConnection({
    connector,
    authMethodId: samples.authMethodId,
    fields: samples.fields,
    overrides: { apiBaseUrl: samples.apiBaseUrl, allowPrivateNetwork: true },
    learned: {},
    access: { current: async () => access, renew: async () => access },
    transport,
    signal: new AbortController().signal,
    now: () => Date.now(),
    log: () => undefined,
    limiter: createRateLimiter({ buckets: { default: { requests: 100_000, perMs: 1 } }, maxConcurrent: 4 }),
  });
}

describe('a thousand random batches', () => {
  const recordArbitrary = fc.record({
    SFDC_Account_ID__gc: fc.integer({ min: 0, max: 90 }).map((number) => `id-${number}`),
    Name: fc.constantFrom('North', 'South', 'East', 'West'),
    Employees: fc.integer({ min: 0, max: 99 }),
    // One in ten is refused by Gainsight alone, one in ten here.
    Status: fc.constantFrom(
      'Active',
      'Active',
      'Active',
      'Active',
      'Inactive',
      'Inactive',
      'Churn',
      'Churn',
      'Churn',
      'Unheard of',
    ),
    RenewalDate: fc.constantFrom(
      '2027-01-01',
      '2027-02-02',
      '2027-03-03',
      '2027-04-04',
      null,
      null,
      null,
      null,
      null,
      'never',
    ),
  });
  const batchArbitrary = fc.array(recordArbitrary, { minLength: 1, maxLength: 12 });
  type Row = {
    SFDC_Account_ID__gc: string;
    Name: string;
    Employees: number;
    Status: string;
    RenewalDate: string | null;
  };

  /** What the batch does to a table of rows: of one key the last readable record counts, and it must pass Gainsight. */
  function apply(model: Map<string, Row>, batch: readonly Row[]): boolean[] {
    const last = new Map<string, Row>();
    for (const row of batch) if (row.RenewalDate !== 'never') last.set(row.SFDC_Account_ID__gc, row);
    for (const [id, row] of last) if (row.Status !== 'Unheard of') model.set(id, row);
    return batch.map(
      (row) => row.RenewalDate !== 'never' && last.get(row.SFDC_Account_ID__gc)?.Status !== 'Unheard of',
    );
  }

  it.each([Number.POSITIVE_INFINITY, 7, 3, 2])(
    'end in the state of a plain table, without doubles, though every %s. answer is lost',
    async (every) => {
      const bench = await start();
      // Pauses before repetitions are drawn from this; the test is about their outcome.
      const random = vi.spyOn(Math, 'random').mockReturnValue(0);
      onTestFinished(() => random.mockRestore());
      const context = openOver(bench, losing(bench.transport, every));
      const model = new Map<string, Row>();
      await fc.assert(
        fc.asyncProperty(batchArbitrary, async (records) => {
          const results = await untilAnswered(() => writeBatch(context, companies(...records), 0));
          expect(results.map(({ ok }) => ok)).toEqual(apply(model, records));
        }),
        { numRuns: 250, endOnFailure: true },
      );
      const stored = bench.practice
        .records('Company')
        .map((row) => [row.SFDC_Account_ID__gc, row.Name, row.Employees, row.Status, row.RenewalDate ?? null]);
      const expected = [...model.values()].map((row) => [
        row.SFDC_Account_ID__gc,
        row.Name,
        row.Employees,
        row.Status,
        row.RenewalDate === null ? null : Date.parse(row.RenewalDate),
      ]);
      expect(stored.sort()).toEqual(expected.sort());
    },
    120_000,
  );

  /** As the job engine does: a batch whose outcome is unknown is sent again. */
  async function untilAnswered(work: () => Promise<WriteResult[]>): Promise<WriteResult[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.failureClass !== 'network' || attempt > 50) throw error;
      }
    }
  }
});
