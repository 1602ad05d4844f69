/** For tests: the practice S3 over loopback, and a read of it from the first page to the last. */
import { createTestContext, serve, type TestContext, type TestServer } from '../kit/aws/s3-test-support.ts';
import type { JsonValue, Page, ReadRequest, SourceRecord, UnreadPart } from '../kit/index.ts';
import { connector } from './manifest.ts';
import { OWNER } from './practice/account.ts';
import { PracticeBucket } from './practice/bucket.ts';
import { type FileDetails, wholeFile } from './practice/files.ts';
import { PracticeS3 } from './practice/service.ts';

export interface Whole {
  readonly records: readonly SourceRecord[];
  readonly unread: readonly UnreadPart[];
  readonly pages: readonly Page[];
  /** As it comes back from the database. */
  readonly checkpoint: JsonValue;
}

export class S3TestBench {
  readonly s3 = new PracticeS3(new PracticeBucket('acme-exports', []));
  server!: TestServer;
  readonly #contexts: TestContext[] = [];

  async start(): Promise<void> {
    this.server = await serve((request) => this.s3.handle(request));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
    await this.server.close();
  }

  /** Values of the connection's form for it. */
  fields(change: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { accessKeyId } = OWNER.key;
    return { bucket: 'acme-exports', region: 'eu-west-1', prefix: 'in', filePattern: '', accessKeyId, ...change };
  }

  context(change: Readonly<Record<string, string>> = {}): TestContext {
    const { secretAccessKey } = OWNER.key;
    const fields = this.fields(change);
    const context = createTestContext({
      connector,
      baseUrl: this.server.baseUrl,
      fields,
      secrets: { secretAccessKey },
    });
    this.#contexts.push(context);
    return context;
  }

  put(key: string, content: string | Uint8Array, details: FileDetails): void {
    this.s3.bucket.put(wholeFile(key, content, details));
  }

  /** @param maxPages the reader leaves after so many, as a run that is killed */
  async read(
    request: Partial<ReadRequest> & { readonly object: string },
    { fields = {}, maxPages = Number.POSITIVE_INFINITY }: { fields?: Record<string, string>; maxPages?: number } = {},
  ): Promise<Whole> {
    const pages: Page[] = [];
    const all = { fields: ['id'], filter: [], since: null, checkpoint: null, ...request };
    for await (const page of connector.read(this.context(fields), all)) {
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

  /** Keys of the files that were asked for, in order. */
  asked(): string[] {
    return this.server.requests
      .filter(({ target }) => target.includes('x-id=GetObject'))
      .map(({ target }) => decodeURIComponent(target.replace(/\?.*$/, '').replace('/acme-exports/', '')));
  }
}
