import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobIdSchema } from '../shared/ids.ts';
import type { Transport, WireRequest } from './connectors.ts';
import { PageSpool, removeSpool } from './spool.ts';

const jobId = jobIdSchema.parse('testspool1');
let folder: string;
let asked: string[];

const inner: Transport = {
  async send(wire) {
    asked.push(wire.url);
    return {
      status: wire.url.includes('bad') ? 500 : 200,
      headers: { 'x-page': wire.url },
      body: Buffer.from(`body of ${wire.url}`),
    };
  },
  stream: () => Promise.reject(new Error('not asked')),
  close: async () => undefined,
};

const wire = (url: string, change: Partial<WireRequest> = {}): WireRequest => ({
  url,
  method: 'GET',
  headers: { authorization: 'Bearer one' },
  timeoutMs: 1_000,
  maxBodyBytes: 1_000,
  policy: { allowPrivate: true, allowedHosts: [] },
  ...change,
});

const open = (lines: string[] = []): PageSpool => new PageSpool(inner, folder, jobId, (line) => lines.push(line));

async function readPages(urls: readonly string[]): Promise<void> {
  const spool = open();
  for (const url of urls) await spool.send(wire(url));
  await spool.close();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pb-spool-'));
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('pages under way', () => {
  it('are there for the run that goes on: the last two, once each, whatever the authorization', async () => {
    await readPages(['p1', 'p2', 'p3']);
    const spool = open();
    spool.recover();
    for (const url of ['p2', 'p3', 'p4'])
      expect((await spool.send(wire(url, { headers: { authorization: 'Bearer two' } }))).headers).toEqual({
        'x-page': url,
      });
    expect(Buffer.from((await spool.send(wire('p3'))).body).toString()).toBe('body of p3');
    expect(asked).toEqual(['p1', 'p2', 'p3', 'p4', 'p3']);
  });

  it('are not used by a run that begins anew', async () => {
    await readPages(['p1']);
    await readPages(['p1']);
    expect(asked).toEqual(['p1', 'p1']);
  });

  it('are forgotten once the run has asked for something else', async () => {
    await readPages(['p1', 'p2']);
    const spool = open();
    spool.recover();
    await spool.send(wire('other'));
    await spool.send(wire('p1'));
    expect(asked).toEqual(['p1', 'p2', 'other', 'p1']);
  });

  it('survive one kill after another, also when no page was stored in between', async () => {
    await readPages(['p1', 'p2']);
    const second = open();
    second.recover();
    await second.send(wire('p1'));
    await second.close();
    const third = open();
    third.recover();
    await third.send(wire('p1'));
    await third.send(wire('p2'));
    await third.send(wire('p3'));
    await third.close();
    const fourth = open();
    fourth.recover();
    await fourth.send(wire('p2'));
    expect(asked).toEqual(['p1', 'p2', 'p3']);
  });

  it('count only when they are whole', async () => {
    await readPages(['p1']);
    const [name] = readdirSync(folder).filter((file) => statSync(join(folder, file)).size > 0);
    const path = join(folder, name ?? '');
    const whole = readFileSync(path);
    for (const damage of [
      () => truncateSync(path, whole.length - 5),
      () => truncateSync(path, 10),
      () => writeFileSync(path, whole.fill(0, 0, 100)),
      () => writeFileSync(path, ''),
    ]) {
      damage();
      const spool = open();
      spool.recover();
      await spool.send(wire('p1'));
      await spool.close();
    }
    expect(asked.length).toBe(5);
  });

  it('are kept apart by method and body, and never for answers that failed', async () => {
    await readPages(['bad']);
    const spool = open();
    await spool.send(wire('p', { method: 'POST', body: Buffer.from('a') }));
    await spool.close();
    const next = open();
    next.recover();
    await next.send(wire('p', { method: 'POST', body: Buffer.from('b') }));
    expect(asked).toEqual(['bad', 'p', 'p']);
    expect(readdirSync(folder).every((file) => (statSync(join(folder, file)).mode & 0o077) === 0)).toBe(true);
  });

  it('are given up, once and with a line, when the disk refuses them', async () => {
    const lines: string[] = [];
    const spool = new PageSpool(inner, join(folder, 'not', 'there'), jobId, (line) => lines.push(line));
    for (const url of ['p1', 'p2', 'p3']) await spool.send(wire(url));
    await spool.close();
    expect(asked).toEqual(['p1', 'p2', 'p3']);
    expect(lines.length).toBe(1);
  });

  it('are removed with the job', async () => {
    await readPages(['p1', 'p2']);
    removeSpool(folder, jobId);
    expect(readdirSync(folder)).toEqual([]);
  });
});
