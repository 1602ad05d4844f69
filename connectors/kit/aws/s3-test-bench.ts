/** For tests: a store over loopback, and a read of it from the first page to the last. */
import type { Connector } from '../connector.ts';
import type { JsonValue, Page, ReadRequest, SourceRecord, UnreadPart } from '../contract.ts';
import {
  createTestContext,
  serve,
  type TestAnswer,
  type TestContext,
  type TestRequest,
  type TestServer,
} from './s3-test-support.ts';

export interface Whole {
  readonly records: readonly SourceRecord[];
  readonly unread: readonly UnreadPart[];
  readonly pages: readonly Page[];
  /** As it comes back from the database. */
  readonly checkpoint: JsonValue;
}

export class S3TestBench {
  server!: TestServer;
  readonly #connector: Connector;
  readonly #key: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly #handle: (request: TestRequest) => TestAnswer;
  readonly #contexts: TestContext[] = [];

  constructor(
    connector: Connector,
    key: { readonly accessKeyId: string; readonly secretAccessKey: string },
    handle: (request: TestRequest) => TestAnswer,
  ) {
    this.#connector = connector;
    this.#key = key;
    this.#handle = handle;
  }

  async start(): Promise<void> {
    this.server = await serve(this.#handle);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
    await this.server.close();
  }

  /** @param change values of the connection's form, over those of the folder `in` of acme-exports */
  context(change: Readonly<Record<string, string>> = {}): TestContext {
    const { accessKeyId, secretAccessKey } = this.#key;
    const form = { bucket: 'acme-exports', region: 'eu-west-1', prefix: 'in', filePattern: '', accessKeyId };
    const context = createTestContext({
      connector: this.#connector,
      baseUrl: this.server.baseUrl,
      fields: { ...form, ...change },
      secrets: { secretAccessKey },
    });
    this.#contexts.push(context);
    return context;
  }

  /** @param maxPages the reader leaves after so many, as a run that is killed */
  async read(
    request: Partial<ReadRequest> & { readonly object: string },
    { fields = {}, maxPages = Number.POSITIVE_INFINITY }: { fields?: Record<string, string>; maxPages?: number } = {},
  ): Promise<Whole> {
    const pages: Page[] = [];
    const all = { fields: ['id'], filter: [], since: null, checkpoint: null, ...request };
    for await (const page of this.#connector.read(this.context(fields), all)) {
      pages.push(page);
      if (pages.length >= maxPages) break;
    }
    return {
      records: pages.flatMap(({ records }) => records),
      unread: pages.flatMap(({ unread = [] }) => unread),
      pages,
      checkpoint: JSON.parse(JSON.stringify(pages.at(-1)?.checkpoint ?? null)) as JsonValue,
    };
  }
}
