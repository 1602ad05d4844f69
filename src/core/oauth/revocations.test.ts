import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OAuthServer, startOAuthServer } from '../../../test/support/oauth-server.ts';
import { AppError } from '../../shared/app-error.ts';
import type { RemoteRevocation } from '../../shared/connection/state.ts';
import { revokeRemotely } from './revocations.ts';
import {
  type Bench,
  CLIENT_ID,
  CONNECTION_ID,
  makeBench,
  testConnection,
  testConnector,
  testMethod,
} from './testing/bench.ts';

let server: OAuthServer;
let bench: Bench;

beforeEach(async () => {
  server = await startOAuthServer({ clientId: CLIENT_ID, redirectUris: ['http://127.0.0.1/oauth/callback/mirror'] });
  bench = makeBench(server.issuer);
  const service = bench.authorization({
    openWindow: ({ startUrl }) => ({
      ended: server.logIn(startUrl).then((url) => ({ kind: 'returned', callback: { method: 'GET', url } })),
      focus: () => undefined,
      close: () => undefined,
    }),
    openBrowser: () => Promise.reject(new Error('no browser')),
  });
  const result = await service.logIn(testConnection(server.issuer), 'window', () => undefined);
  if (result.kind !== 'granted') throw new Error(result.kind);
  await result.grant.commit();
});

afterEach(async () => {
  await bench.close();
  await server.close();
});

function revoke(): Promise<RemoteRevocation> {
  const { grants, transport } = bench;
  return revokeRemotely(bench.connection ?? testConnection(server.issuer), {
    grants,
    transport,
    loadOAuthApp: () => (bench.clientId === null ? null : { clientId: bench.clientId }),
    connectorById: () => bench.connector,
    log: (line) => void bench.log.push(line),
  });
}

const stored = (name: string): string => bench.vault.load()[`connection:${CONNECTION_ID}`]?.[name] ?? '';

test('the provider no longer knows either token afterwards', async () => {
  expect(await revoke()).toBe('done');
  expect(await server.isRefreshTokenAlive(stored('refreshToken'))).toBe(false);
  expect(await server.isAccessTokenAlive(stored('accessToken'))).toBe(false);
});

test('with the provider down it is pending, and done with the same secrets when it is back', async () => {
  bench.connection = testConnection('http://127.0.0.1:9', {
    overrides: { ...testConnection(server.issuer).overrides, loginBaseUrl: 'http://127.0.0.1:9' },
  });
  expect(await revoke()).toBe('pending');
  expect(bench.log).toEqual([
    expect.stringContaining(`Revocation of connection ${CONNECTION_ID} at the provider is pending`),
  ]);
  bench.connection = testConnection(server.issuer);
  expect(await revoke()).toBe('done');
  expect(await server.isRefreshTokenAlive(stored('refreshToken'))).toBe(false);
});

test('with a locked vault it is pending, with nothing in the vault there is none', async () => {
  bench.vault.refusal = new AppError('vault_locked', 'The vault is locked.');
  expect(await revoke()).toBe('pending');
  bench.vault.refusal = null;
  bench.vault.remove({ kind: 'connection', id: CONNECTION_ID });
  expect(await revoke()).toBe('none');
});

test('a provider without a way, and a connection with keys, have none', async () => {
  bench.connector = testConnector(testMethod({ revocation: { kind: 'none', reason: 'Remove the consent there.' } }));
  expect(await revoke()).toBe('none');
  bench.connector = testConnector({
    kind: 'key',
    id: 'oauth',
    label: 'Key',
    fields: [],
    apply: { kind: 'bearer', credential: 'key' },
  });
  expect(await revoke()).toBe('none');
  expect(server.events.some(({ path }) => path === '/token/revocation')).toBe(false);
});

test('a client that the provider does not know makes it fail, and says so in the log', async () => {
  bench.clientId = 'nobody';
  expect(await revoke()).toBe('failed');
  expect(bench.log.join()).toContain('invalid_client');
  expect(bench.log.join()).not.toContain(stored('refreshToken'));
});
