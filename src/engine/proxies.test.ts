import { beforeEach, describe, expect, it } from 'vitest';
import type { Transport, WireRequest } from './connectors.ts';
import { ProxyBroker } from './proxies.ts';

let now: number;
let asked: { requestId: number; origin: string }[];
let sent: WireRequest[];
let broker: ProxyBroker;
let transport: Transport;

beforeEach(() => {
  now = 0;
  asked = [];
  sent = [];
  broker = new ProxyBroker(
    (request) => void asked.push(request),
    () => now,
  );
  const answer = { status: 200, headers: {}, body: new Uint8Array() };
  transport = broker.over({
    send: async (wire) => {
      sent.push(wire);
      return answer;
    },
    stream: async () => {
      throw new Error('not used here');
    },
    close: async () => undefined,
  });
});

const wire = (url: string): WireRequest => ({
  url,
  method: 'GET',
  headers: {},
  timeoutMs: 1,
  maxBodyBytes: 1,
  policy: { allowPrivate: false, allowedHosts: [] },
});
const reply = (proxy: string | null, refusal: string | null = null): void =>
  broker.reply({ type: 'proxyReply', requestId: asked.at(-1)?.requestId ?? 0, proxy, refusal });

describe('the proxy of an origin', () => {
  it('is asked of main once for all who wait, then a request is passed on within the call', async () => {
    const first = transport.send(wire('https://a.test/1'));
    const second = transport.send(wire('https://a.test/2'));
    expect(asked).toMatchObject([{ origin: 'https://a.test' }]);
    reply('http://proxy.test:8080');
    await Promise.all([first, second]);
    void transport.send(wire('https://a.test/3'));
    expect(sent.map(({ policy }) => policy.proxy)).toEqual(Array(3).fill('http://proxy.test:8080'));
    expect(asked).toHaveLength(1);
  });

  it('another origin is another question; the direct way leaves the request as it is', async () => {
    const going = transport.send(wire('https://b.test/'));
    reply(null);
    await going;
    expect(sent[0]?.policy).not.toHaveProperty('proxy');
    void transport.send(wire('http://b.test/'));
    expect(asked.at(-1)?.origin).toBe('http://b.test');
  });

  it('an old answer is used and renewed meanwhile; what fails then changes nothing', async () => {
    const going = transport.send(wire('https://a.test/'));
    reply('http://old.test:1');
    await going;
    now = 31_000;
    void transport.send(wire('https://a.test/'));
    expect(sent.at(-1)?.policy.proxy).toBe('http://old.test:1');
    expect(asked).toHaveLength(2);
    reply('http://new.test:2');
    await new Promise((resolve) => setImmediate(resolve));
    void transport.send(wire('https://a.test/'));
    expect(sent.at(-1)?.policy.proxy).toBe('http://new.test:2');
    now = 62_000;
    void transport.send(wire('https://a.test/'));
    reply(null, 'The system names a proxy of a kind Patchbay cannot use.');
    await new Promise((resolve) => setImmediate(resolve));
    void transport.send(wire('https://a.test/'));
    expect(sent.at(-1)?.policy.proxy).toBe('http://new.test:2');
  });

  it('a refusal is the failure of the request', async () => {
    const going = transport.send(wire('https://a.test/'));
    reply(null, 'The system names a proxy of a kind Patchbay cannot use.');
    await expect(going).rejects.toMatchObject({ failureClass: 'network' });
    expect(sent).toEqual([]);
  });
});
