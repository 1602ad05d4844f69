import type dns from 'node:dns';
import { buildConnector } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectorError } from '../contract.ts';
import { serve, type TestServer } from '../testing/servers.ts';
import { guardedConnector, guardedLookup } from './guarded-connector.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Name servers of an attacker: each answer as given, in turn. */
function resolving(...answers: readonly (readonly string[])[]): typeof dns.lookup {
  let turn = 0;
  return ((
    _name: string,
    _options: unknown,
    callback: (error: null, found: { address: string; family: number }[]) => void,
  ) => {
    const found = answers[Math.min(turn, answers.length - 1)] ?? [];
    turn += 1;
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as typeof dns.lookup;
}

function lookUp(allowPrivate: boolean, isPlainHttp: boolean, resolve: typeof dns.lookup): Promise<string[]> {
  return new Promise((answer, fail) => {
    guardedLookup(allowPrivate, isPlainHttp, resolve)('rebind.example', { all: true }, (error, found) => {
      if (error !== null) fail(error);
      else answer((found as { address: string }[]).map(({ address }) => address));
    });
  });
}

describe('name resolution of a socket', () => {
  it('keeps only the addresses that the connection may use', async () => {
    expect(await lookUp(false, false, resolving(['10.0.0.1', '93.184.216.34', '::1']))).toEqual(['93.184.216.34']);
    expect(await lookUp(true, false, resolving(['10.0.0.1', '169.254.169.254']))).toEqual(['10.0.0.1']);
    expect(await lookUp(true, true, resolving(['10.0.0.1', '93.184.216.34']))).toEqual(['10.0.0.1']);
  });

  it.each([['127.0.0.1'], ['169.254.169.254'], ['::1'], ['fd00:ec2::254'], ['::ffff:10.0.0.1'], ['0.0.0.0']])(
    'refuses a public name that leads to %s',
    async (address) => {
      const error = await lookUp(false, false, resolving([address])).catch((refusal: unknown) => refusal);
      expect(error).toBeInstanceOf(ConnectorError);
      expect((error as ConnectorError).failureClass).toBe('host_refused');
    },
  );

  it('judges every resolution anew: rebinding gains nothing', async () => {
    const resolve = resolving(['93.184.216.34'], ['127.0.0.1']);
    expect(await lookUp(false, false, resolve)).toEqual(['93.184.216.34']);
    await expect(lookUp(false, false, resolve)).rejects.toThrow('rebind.example was refused');
  });
});

describe('the connected address', () => {
  it('is checked once more, should the resolution have been bypassed', async () => {
    const server = await serve((_request, response) => response.end('x'));
    servers.push(server);
    // A connector that ignores the guarded look-up, as a caching resolver below it might.
    const careless = guardedConnector(
      () =>
        buildConnector({
          lookup: (_name, _options, callback) => callback(null, '127.0.0.1', 4),
          autoSelectFamily: false,
        }),
      false,
    );
    const error = await new Promise<Error | null>((resolve) =>
      careless({ hostname: 'rebind.example', protocol: 'http:', port: String(server.port) }, (...[failure]) =>
        resolve(failure),
      ),
    );
    expect(error?.message).toContain('it led to an address that this connection may not use');
    expect(server.requests).toEqual([]);
  });
});
