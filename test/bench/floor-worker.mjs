// The floor on two threads: this one fetches, a worker parses and stores; the next page is fetched meanwhile.

import { fileURLToPath } from 'node:url';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { agent, fetchPage, namesOf, openFloor, report } from './floor.mjs';

if (workerData?.isStore) {
  let floor;
  parentPort.on('message', (body) => {
    if (body === null) {
      floor.db.close();
      parentPort.postMessage({ done: true });
      parentPort.close();
      return;
    }
    const page = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    floor ??= openFloor(workerData.file, namesOf(page.records[0]));
    // The address of the next page is known only behind the parse: it goes out before the page is stored.
    parentPort.postMessage({ next: page.nextRecordsUrl, records: page.records.length });
    floor.store(page.records);
  });
} else {
  const { url, file } = JSON.parse(process.argv[2]);
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { isStore: true, file } });
  let records = 0;
  const fetchAndPass = async (path) => {
    const body = await fetchPage(new URL(path, url));
    const own = new Uint8Array(body);
    worker.postMessage(own, [own.buffer]);
  };
  worker.on('message', async (message) => {
    if (message.done) {
      report('floor-worker', records, startedAt, cpu, file);
      agent.destroy();
      return;
    }
    records += message.records;
    if (message.next === undefined) worker.postMessage(null);
    else await fetchAndPass(message.next);
  });
  await fetchAndPass('/services/data/v62.0/query?q=SELECT+Id+FROM+Account');
}
