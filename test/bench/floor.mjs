// The smallest script that does the physical work, on one thread: fetch a page, parse it, upsert its records into typed columns in
// one transaction, nothing else. No mapping, no checks, no checkpoint, no change detection. With `deliver` it also sends every
// batch to the destination and waits for its answer. node floor.mjs '{"url":...,"file":...}' prints one line of JSON.
import fs from 'node:fs';
import http from 'node:http';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';

const TYPES = { NumberOfEmployees: 'INTEGER', AnnualRevenue: 'REAL', Score: 'REAL', IsActive: 'INTEGER' };

export function openFloor(file, names) {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec(
    `CREATE TABLE IF NOT EXISTS t (${names.map((name) => `${name} ${name === 'Id' ? 'TEXT PRIMARY KEY' : (TYPES[name] ?? 'TEXT')}`).join(', ')})`,
  );
  const sets = names.slice(1).map((name) => `${name} = excluded.${name}`);
  const upsert = db.prepare(
    `INSERT INTO t VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT (Id) DO UPDATE SET ${sets.join(', ')}`,
  );
  const store = db.transaction((records) => {
    for (const record of records) {
      const row = [];
      for (const name of names) {
        const value = record[name];
        row.push(typeof value === 'boolean' ? Number(value) : value);
      }
      upsert.run(row);
    }
  });
  return { db, store };
}

export const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

export function send(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { agent, method, headers: { authorization: 'Bearer bench', ...headers } },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** A page; where the server limits requests, the floor waits as it is told. */
export async function fetchPage(url) {
  for (;;) {
    const { status, headers, body } = await send(url);
    if (status === 200) return body;
    if (status !== 429) throw new Error(`status ${status}`);
    await new Promise((resolve) => setTimeout(resolve, Number(headers['retry-after']) * 1000));
  }
}

export const namesOf = (record) => Object.keys(record).filter((name) => name !== 'attributes');

async function deliver(base, records, size) {
  for (let at = 0; at < records.length; at += size) {
    const body = JSON.stringify({ records: records.slice(at, at + size) });
    const { status } = await send(new URL('/v1/data/objects/Company', base), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (status !== 200) throw new Error(`delivery: status ${status}`);
  }
}

export function report(variant, records, startedAt, cpu, file) {
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const status = fs.readFileSync('/proc/self/status', 'utf8');
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]);
  process.stdout.write(
    `${JSON.stringify({ variant, records, seconds, rps: records / seconds, cpu_us_rec: (user + system) / records, peak_rss_mb: peakKb / 1024, db_mb: fs.statSync(file).size / 1e6 })}\n`,
  );
}

async function main() {
  const { url, file, batch = 0 } = JSON.parse(process.argv[2]);
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let next = '/services/data/v62.0/query?q=SELECT+Id+FROM+Account';
  let floor;
  let records = 0;
  while (next !== undefined) {
    const page = JSON.parse(await fetchPage(new URL(next, url)));
    floor ??= openFloor(file, namesOf(page.records[0]));
    floor.store(page.records);
    if (batch > 0) await deliver(url, page.records, batch);
    records += page.records.length;
    next = page.nextRecordsUrl;
  }
  floor.db.close();
  report('floor', records, startedAt, cpu, file);
  agent.destroy();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
