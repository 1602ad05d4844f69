/** Entry of the worker process: the job engine behind a port to main. */
import { openCache } from '../store/cache/cache.ts';
import { AccessBroker } from './access.ts';
import { toFailure } from './connectors.ts';
import { Engine } from './engine.ts';
import { type FromWorker, type ToWorker, toWorkerSchema } from './messages.ts';
import { openPort } from './port.ts';
import { ProxyBroker } from './proxies.ts';
import { networkThreadTransport } from './transport.ts';

const port = openPort();
const send = (message: FromWorker): void => port.post(message);
const broker = new AccessBroker((request) => send({ type: 'accessRequest', ...request }), Date.now);
const proxies = new ProxyBroker((request) => send({ type: 'proxyRequest', ...request }), Date.now);
let opening: Promise<Engine> | null = null;

async function open({ profile, networkThread }: Extract<ToWorker, { type: 'init' }>): Promise<Engine> {
  const cache = await openCache(profile, (text) => send({ type: 'note', text }));
  const transport = proxies.over(networkThreadTransport(networkThread));
  const engine = new Engine({ cache, transport, access: (id) => broker.provider(id), send });
  send({ type: 'ready', notices: [...cache.notices] });
  return engine;
}

async function handle(message: ToWorker): Promise<void> {
  if (message.type === 'init') {
    opening ??= open(message);
    await opening;
    return;
  }
  if (message.type === 'accessReply') return broker.reply(message);
  if (message.type === 'proxyReply') return proxies.reply(message);
  if (message.type === 'forgetAccess') return broker.forget(message.connectionId);
  if (opening === null) throw new Error('The worker was not told where the profile is.');
  const engine = await opening;
  switch (message.type) {
    case 'start':
      return engine.start(message.spec);
    case 'stop':
      return engine.stop(message.activityId);
    case 'markMissing':
      return mark(engine, message);
    case 'dropJob':
      return drop(engine, message);
    case 'shutdown':
      await engine.shutdown();
      send({ type: 'closed' });
  }
}

async function mark(engine: Engine, message: Extract<ToWorker, { type: 'markMissing' }>): Promise<void> {
  const { requestId, jobId, finding, rows } = message;
  try {
    send({ type: 'marked', requestId, rows: await engine.markMissing(jobId, { finding, rows }), message: null });
  } catch (error) {
    send({ type: 'marked', requestId, rows: null, message: toFailure(error).message });
  }
}

async function drop(engine: Engine, { requestId, jobId }: Extract<ToWorker, { type: 'dropJob' }>): Promise<void> {
  try {
    await engine.dropJob(jobId);
    send({ type: 'dropped', requestId, message: null });
  } catch (error) {
    send({ type: 'dropped', requestId, message: toFailure(error).message });
  }
}

port.listen((raw) => {
  const parsed = toWorkerSchema.safeParse(raw);
  if (!parsed.success) {
    send({ type: 'note', text: 'A message from main had an unknown shape and was dropped.' });
    return;
  }
  handle(parsed.data).catch((error: unknown) => send({ type: 'broken', failure: toFailure(error) }));
});
port.onClosed(() => process.exit(0));
