/** The standard suite that every connector passes against its practice server. Only for tests: it needs vitest. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FailureClass } from '../../src/shared/activity/activity.ts';
import type { EndpointOverrides } from '../../src/shared/connection/connection.ts';
import { connectorDescriptorSchema } from '../../src/shared/connector.ts';
import type { Connector } from './connector.ts';
import {
  type Access,
  type AccessProvider,
  type ConnectorContext,
  ConnectorError,
  type Page,
  type ReadRequest,
  type SourceRecord,
} from './contract.ts';
import { toFailure } from './errors.ts';
import { pick } from './http/pages/parts.ts';
import { MAX_IDLE_PAGES } from './http/pages/progress.ts';
import { createRateLimiter } from './http/rate-limit.ts';
import type { Transport } from './http/transport.ts';
import { createUndiciTransport } from './http/undici-transport.ts';
import { parseManifest } from './manifest-schema.ts';
import type { PracticeDefinition, PracticeOptions, RunningPractice } from './practice/contract.ts';
import { authMethod, describe as describeForPage, openConnection } from './runtime.ts';
import { Secret } from './secret.ts';
import { type Gateway, hasLead, openGateway, type PassingAnswer, withLead, withoutLead } from './testing/gateway.ts';

export interface ConformanceOptions {
  /** Objects to read; default all that the practice server has records of. */
  readonly objects?: readonly string[] | undefined;
  /** Enough records that the first object needs at least three pages. */
  readonly records?: number | undefined;
  /** False where the system's answers are not JSON (files, XML): a web page in their place is then the connector's own test. */
  readonly answersJson?: boolean | undefined;
  /** Whether the practice server knows `denyObject`; default true. */
  readonly deniesObjects?: boolean | undefined;
  /** What a denied object fails with; default `object_denied` or `not_found`. */
  readonly deniedClasses?: readonly FailureClass[] | undefined;
  /** Where the system has no paging: one page is enough. */
  readonly minPages?: number | undefined;
}

/** A running practice server with what is needed to talk to it as a connection would. */
export interface PracticeBench {
  readonly practice: RunningPractice;
  readonly transport: Transport;
  readonly lines: readonly string[];
  /** Contexts with the sample credentials, or with others. */
  open(changes?: {
    readonly access?: AccessProvider;
    readonly overrides?: Partial<EndpointOverrides>;
    readonly signal?: AbortSignal;
  }): ConnectorContext;
  close(): Promise<void>;
}

/** Starts the practice server and opens contexts over the real wire. */
export async function startBench(
  connector: Connector,
  definition: PracticeDefinition,
  options: Partial<PracticeOptions> = {},
): Promise<PracticeBench> {
  const practice = await definition.start({ port: 0, ...options });
  const transport = createUndiciTransport();
  const lines: string[] = [];
  const { samples } = practice;
  return {
    practice,
    transport,
    lines,
    open: ({
      access = fixedAccess(sampleAccess(connector, practice)),
      overrides = {},
      signal = new AbortController().signal,
    } = {}) =>
      openConnection({
        connector,
        authMethodId: samples.authMethodId,
        fields: samples.fields,
        overrides: {
          apiBaseUrl: samples.apiBaseUrl,
          loginBaseUrl: samples.loginBaseUrl,
          allowPrivateNetwork: true,
          ...overrides,
        },
        learned: {},
        access,
        transport,
        signal,
        now: () => Date.now(),
        log: (line) => void lines.push(line),
        // Tests must not wait for the vendor's minute; what the manifest says is checked by itself.
        limiter: createRateLimiter({
          buckets: withoutLimits(connector),
          maxConcurrent: connector.manifest.rateLimit.maxConcurrent,
        }),
      }),
    async close() {
      await transport.close();
      await practice.close();
    },
  };
}

function withoutLimits(connector: Connector): Record<string, { requests: number; perMs: number }> {
  return Object.fromEntries(
    Object.keys(connector.manifest.rateLimit.buckets).map((name) => [name, { requests: 10_000, perMs: 1 }]),
  );
}

/** The credentials by the names the connector's recipe expects. */
export function sampleAccess(connector: Connector, practice: RunningPractice): Access {
  const { samples } = practice;
  const method = authMethod(connector.manifest, samples.authMethodId);
  const secrets = method.kind === 'key' ? samples.secrets : { [tokenName(method.apply)]: samples.token ?? '' };
  return {
    credentials: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, new Secret(value)])),
    expiresAtMs: null,
    learned: {},
  };
}

function tokenName(apply: { readonly kind: string; readonly credential?: string }): string {
  return apply.credential ?? 'accessToken';
}

/** An access that cannot be renewed, as a key is. */
export function fixedAccess(access: Access): AccessProvider {
  return {
    current: async () => access,
    renew: async () => {
      throw new ConnectorError('reauthorize_expired', 'There is no new access to be had.');
    },
  };
}

/** All pages of a read, each with its checkpoint. */
export async function readPages(
  connector: Connector,
  context: ConnectorContext,
  request: Partial<ReadRequest> & { readonly object: string },
): Promise<Page[]> {
  const fields = request.fields ?? (await connector.fields(context, request.object)).map(({ name }) => name);
  const pages: Page[] = [];
  for await (const page of connector.read(context, { filter: [], since: null, checkpoint: null, ...request, fields }))
    pages.push(page);
  return pages;
}

/** The failure a promise ends in. */
export async function failureOf(work: Promise<unknown>): Promise<ConnectorError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('It was expected to fail and did not.');
}

/** Registers the standard suite for a connector. */
export function describeConnector(
  connector: Connector,
  definition: PracticeDefinition,
  options: ConformanceOptions = {},
): void {
  const { manifest } = connector;
  const messages: string[] = [];
  const failing = async (work: Promise<unknown>): Promise<ConnectorError> => {
    const error = await failureOf(work);
    messages.push(error.message, JSON.stringify(toFailure(error)));
    return error;
  };

  describe(`${manifest.id}: standard suite`, () => {
    let bench: PracticeBench;
    let objects: readonly string[];

    beforeAll(async () => {
      bench = await startBench(connector, definition, { records: options.records ?? 250 });
      const offered = (await connector.objects(bench.open())).map(({ name }) => name);
      objects = options.objects ?? offered.filter((name) => bench.practice.records(name).length > 0);
    });
    afterEach(() => bench.practice.command({ kind: 'restore' }));
    afterAll(() => bench.close());

    it('has a valid manifest that describes itself to the page', () => {
      expect(() => parseManifest(manifest)).not.toThrow();
      expect(connectorDescriptorSchema.parse(describeForPage(connector)).id).toBe(manifest.id);
      expect(definition.connectorId).toBe(manifest.id);
      expect(manifest.rateLimit.buckets.default).toBeDefined();
    });

    it('says what the account is and that the access works', async () => {
      const context = bench.open();
      const identity = await connector.identify(context);
      expect(identity.accountId).not.toBe('');
      expect(identity.account).not.toBe('');
      expect(identity.orgId).not.toBe('');
      expect(identity.isActive).toBe(true);
      await expect(connector.check(context)).resolves.toBeUndefined();
    });

    it('offers objects whose fields are described, with a key and a cursor that exist', async () => {
      const context = bench.open();
      expect(objects.length).toBeGreaterThan(0);
      for (const object of objects) {
        const fields = await connector.fields(context, object);
        expect(fields.length).toBeGreaterThan(0);
        expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length);
        for (const field of fields) expect(field.label).not.toBe('');
      }
    });

    it('has out-of-the-box jobs that fit its own objects and fields', async () => {
      const context = bench.open();
      for (const job of manifest.jobs) {
        const names = new Set((await connector.fields(context, job.sourceObject)).map(({ name }) => name));
        const targets = job.mapping.map(({ target }) => target);
        const paths = job.mapping.flatMap(({ from }) =>
          from.kind === 'direct' ? [from.path] : from.kind === 'derived' ? from.paths : [],
        );
        expect(targets).toContain(job.keyColumn);
        expect(new Set(targets).size).toBe(targets.length);
        expect(paths.filter((path) => !names.has(path) && !names.has(path.split('.')[0] ?? ''))).toEqual([]);
        if (job.cursorField !== null) expect(names.has(job.cursorField)).toBe(true);
      }
    });

    it('reads every record exactly once', async () => {
      const context = bench.open();
      for (const object of objects) {
        const pages = await readPages(connector, context, { object });
        const ids = await idsOf(connector, context, object, pages);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe(bench.practice.records(object).length);
        for (const page of pages) expect(page.bytes).toBeGreaterThanOrEqual(0);
      }
    });

    it('goes on behind every checkpoint without losing or repeating a record', async () => {
      const context = bench.open();
      const object = objects[0] ?? '';
      const pages = await readPages(connector, context, { object });
      expect(pages.length).toBeGreaterThanOrEqual(options.minPages ?? 3);
      for (const [index, page] of pages.entries()) {
        // As it comes back from the database.
        const checkpoint = JSON.parse(JSON.stringify(page.checkpoint)) as Page['checkpoint'];
        const rest = await readPages(connector, context, { object, checkpoint });
        expect(await idsOf(connector, context, object, rest)).toEqual(
          await idsOf(connector, context, object, pages.slice(index + 1)),
        );
      }
    });

    /** Reads through a gateway that edits the answers. */
    const through = async <T>(
      edit: Parameters<typeof openGateway>[1],
      work: (context: ConnectorContext, gateway: Gateway) => Promise<T>,
    ): Promise<T> => {
      const gateway = await openGateway(bench.practice.baseUrl, edit);
      try {
        return await work(bench.open({ overrides: { apiBaseUrl: gateway.baseUrl } }), gateway);
      } finally {
        await gateway.close();
      }
    };
    const edited =
      (change: (body: string) => string) => async (_request: unknown, forward: () => Promise<PassingAnswer>) => {
        const answer = await forward();
        return { ...answer, body: change(answer.body) };
      };
    /** Complete, or a failure that says why; never less than all. @returns the failure's class, null when it is complete */
    const completeOrRefused = async (context: ConnectorContext, object: string): Promise<string | null> => {
      try {
        const pages = await readPages(connector, context, { object });
        const ids = await idsOf(connector, context, object, pages);
        expect(new Set(ids).size).toBe(bench.practice.records(object).length);
        return null;
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        messages.push(error.message);
        return error.failureClass;
      }
    };

    it('takes nothing for complete that says more is to come, and not where', async () => {
      for (const object of objects) {
        const outcome = await through(edited(withoutLead), (context) => completeOrRefused(context, object));
        expect([null, 'invalid_response']).toContain(outcome);
      }
    });

    it.each([
      '@evil.example',
      '\\\\evil.example\\x',
      'file:///etc/passwd',
      '//evil.example/x',
      'https://evil.example/x',
      ' ',
      '/',
    ])('follows no next page of %j, and says so', async (lead) => {
      const change = edited((body) => withLead(body, (value) => (/^\d+$/.test(value) ? value : lead)));
      const outcome = await through(change, (context) => completeOrRefused(context, objects[0] ?? ''));
      expect([null, 'invalid_response', 'host_refused', 'bad_request', 'not_found']).toContain(outcome);
    });

    it('ends a read that brings the same page again and again, each time with another next one', async () => {
      let first: PassingAnswer | null = null;
      let repeats = 0;
      const again = async (_request: unknown, forward: () => Promise<PassingAnswer>): Promise<PassingAnswer> => {
        if (first === null) {
          const answer = await forward();
          if (hasLead(answer.body)) first = answer;
          return answer;
        }
        repeats += 1;
        return { ...first, body: withLead(first.body, (lead) => `${lead}${repeats}`) };
      };
      const described = await connector.fields(bench.open(), objects[0] ?? '');
      const fields = described.filter(({ isKey }) => isKey).map(({ name }) => name);
      await through(again, async (context, gateway) => {
        const read = readPages(connector, context, { object: objects[0] ?? '', fields });
        const outcome = await read.then(
          () => null,
          (error: unknown) => error,
        );
        if (first === null) return;
        expect(outcome).toMatchObject({ failureClass: 'invalid_response' });
        expect(gateway.requests).toBeLessThan(3 * MAX_IDLE_PAGES);
      });
    });

    it('tells a refused credential from other failures', async () => {
      const access = sampleAccess(connector, bench.practice);
      const wrong = Object.fromEntries(
        Object.entries(access.credentials).map(([name, secret]) => [name, new Secret(damage(secret.reveal()))]),
      );
      const context = bench.open({ access: fixedAccess({ ...access, credentials: wrong }) });
      const error = await failing(connector.check(context));
      expect(error.failureClass).toMatch(/^reauthorize_/);
    });

    it('obeys Retry-After', async () => {
      const context = bench.open();
      bench.practice.command({ kind: 'failNext', status: 429, headers: { 'retry-after': '1' }, times: 1 });
      const before = bench.practice.requests.length;
      await connector.check(context);
      const made = bench.practice.requests.slice(before);
      const refused = made.findIndex(({ status }) => status === 429);
      expect(refused).toBeGreaterThanOrEqual(0);
      expect((made[refused + 1]?.atMs ?? 0) - (made[refused]?.atMs ?? 0)).toBeGreaterThanOrEqual(999);
    });

    it.runIf(options.answersJson !== false)('refuses a web page in the place of data', async () => {
      const context = bench.open();
      bench.practice.command({
        kind: 'failNext',
        status: 200,
        body: '<!doctype html><title>Maintenance</title>',
        headers: { 'content-type': 'text/html' },
        times: 1,
      });
      expect((await failing(connector.identify(context))).failureClass).toBe('invalid_response');
      bench.practice.command({
        kind: 'failNext',
        status: 200,
        body: '<!doctype html><title>Maintenance</title>',
        headers: { 'content-type': 'text/html' },
        times: 1,
      });
      expect((await failing(firstPage(connector, context, objects[0] ?? ''))).failureClass).toBe('invalid_response');
    });

    it('reaches no host that the connection does not allow', async () => {
      const metadata = bench.open({
        overrides: { apiBaseUrl: 'http://169.254.169.254', loginBaseUrl: 'http://169.254.169.254' },
      });
      expect((await failing(connector.check(metadata))).failureClass).toBe('host_refused');
      const before = bench.practice.requests.length;
      const notAllowed = bench.open({ overrides: { allowPrivateNetwork: false } });
      expect((await failing(connector.check(notAllowed))).failureClass).toBe('host_refused');
      expect(bench.practice.requests.length).toBe(before);
    });

    it.runIf(options.deniesObjects !== false)('names the object that the user may not read', async () => {
      const context = bench.open();
      const object = objects[0] ?? '';
      const { label } = (await connector.objects(context)).find(({ name }) => name === object) ?? { label: object };
      const fields = (await connector.fields(context, object)).map(({ name }) => name);
      bench.practice.command({ kind: 'denyObject', object });
      const error = await failing(readPages(connector, context, { object, fields }));
      expect(options.deniedClasses ?? ['object_denied', 'not_found']).toContain(error.failureClass);
      // The others can still be read: nothing says that the access is lost.
      expect((await connector.explain(context, error)).failureClass).toBe(error.failureClass);
      expect([object, label].some((name) => error.message.includes(name))).toBe(true);
    });

    it('stops at once when it is told to', async () => {
      const stop = new AbortController();
      const context = bench.open({ signal: stop.signal });
      const fields = (await connector.fields(context, objects[0] ?? '')).map(({ name }) => name);
      bench.practice.command({ kind: 'latency', ms: 5_000 });
      const startedMs = performance.now();
      setTimeout(() => stop.abort(), 50);
      expect((await failing(readPages(connector, context, { object: objects[0] ?? '', fields }))).failureClass).toBe(
        'cancelled',
      );
      expect(performance.now() - startedMs).toBeLessThan(2_000);
    });

    it('has an advice for every failure', () => {});

    it('keeps secrets out of messages, log lines and addresses', () => {
      const secrets = Object.values(sampleAccess(connector, bench.practice).credentials).map((secret) =>
        secret.reveal(),
      );
      const seen = [
        ...messages,
        ...bench.lines,
        ...bench.practice.requests.map(({ path, query }) => `${path}?${query}`),
      ].join('\n');
      for (const secret of secrets.filter((value) => value.length > 3)) expect(seen.includes(secret)).toBe(false);
    });
  });
}

function damage(value: string): string {
  return `${value.slice(0, -4)}0000`;
}

async function firstPage(connector: Connector, context: ConnectorContext, object: string): Promise<void> {
  for await (const _page of connector.read(context, {
    object,
    fields: ['Id', 'id'],
    filter: [],
    since: null,
    checkpoint: null,
  }))
    return;
}

async function idsOf(
  connector: Connector,
  context: ConnectorContext,
  object: string,
  pages: readonly Page[],
): Promise<string[]> {
  const keys = (await connector.fields(context, object)).filter(({ isKey }) => isKey).map(({ name }) => name);
  const idOf = (record: SourceRecord): string =>
    keys.length === 0 ? JSON.stringify(record) : JSON.stringify(keys.map((key) => record[key] ?? pick(record, key)));
  return pages.flatMap(({ records }) => records.map(idOf));
}
