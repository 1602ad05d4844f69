import { expect, test } from 'vitest';
import { lazyTransport } from './lazy-transport.ts';
import type { Transport, WireRequest } from './transport.ts';

const REQUEST: WireRequest = {
  url: 'https://acme.example/',
  method: 'GET',
  headers: {},
  timeoutMs: 1000,
  maxBodyBytes: 1000,
  policy: { allowPrivate: false, allowedHosts: ['acme.example'] },
};

function loadable(failures = 0) {
  const seen: string[] = [];
  const transport: Transport = {
    send: async ({ url }) => {
      seen.push(`send ${url}`);
      return { status: 204, headers: {}, body: new Uint8Array() };
    },
    stream: async ({ url }) => {
      seen.push(`stream ${url}`);
      return { status: 200, headers: {}, body: (async function* () {})() };
    },
    close: async () => void seen.push('close'),
  };
  let left = failures;
  const lazy = lazyTransport(async () => {
    seen.push('load');
    left -= 1;
    if (left >= 0) throw new Error('The file cannot be read.');
    return transport;
  });
  return { lazy, seen };
}

test('is loaded with the first request, once for all that come together, and closed', async () => {
  const { lazy, seen } = loadable();
  expect(seen).toEqual([]);
  const [sent, streamed] = await Promise.all([lazy.send(REQUEST), lazy.stream(REQUEST)]);
  expect([sent.status, streamed.status]).toEqual([204, 200]);
  await lazy.close();
  expect(seen).toEqual(['load', 'send https://acme.example/', 'stream https://acme.example/', 'close']);
});

test('that was never needed is not loaded to be closed', async () => {
  const { lazy, seen } = loadable();
  await lazy.close();
  expect(seen).toEqual([]);
});

test('that could not be loaded fails the request, and is loaded again with the next', async () => {
  const { lazy, seen } = loadable(1);
  await expect(lazy.send(REQUEST)).rejects.toThrow('The file cannot be read.');
  expect((await lazy.send(REQUEST)).status).toBe(204);
  expect(seen).toEqual(['load', 'load', 'send https://acme.example/']);
});
