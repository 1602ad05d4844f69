/** A connector made for tests of this folder, a connection of it, and the ports of its services on them. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {
  Connector,
  Manifest,
  OAuthCodeMethod,
  Transport,
} from '../../../../connectors/kit/doors/authorization.ts';
import { createTransport } from '../../../../connectors/kit/doors/authorization.ts';
import type { Connection } from '../../../shared/connection/connection.ts';
import type { DisconnectReason } from '../../../shared/connection/reasons.ts';
import type { ConnectionId, TenantId } from '../../../shared/ids.ts';
import { AccessService } from '../../connections/access.ts';
import type { Vault } from '../../vault/contract.ts';
import { type AuthorizationPorts, AuthorizationService } from '../authorize.ts';
import { GrantStore } from '../grants.ts';
import { FileVault } from './file-vault.ts';

export const CONNECTION_ID = 'connection0001' as ConnectionId;
export const TENANT_ID = 'tenant000001' as TenantId;
export const CLIENT_ID = 'patchbay-test';

export function testMethod(changes: Partial<OAuthCodeMethod> = {}): OAuthCodeMethod {
  return {
    kind: 'oauth-code',
    id: 'oauth',
    label: 'Log in',
    fields: [],
    defaultWay: 'window',
    wayReason: 'It works in a window.',
    authorizeUrl: (login) => `${login}/auth`,
    tokenUrl: (login) => `${login}/token`,
    scopes: ['openid', 'offline_access'],
    authorizeParams: { prompt: 'consent' },
    tokenBody: 'form',
    clientSecret: 'optional',
    appHelp: { clientId: 'Settings > Apps > Id.', clientSecret: 'Settings > Apps > Secret.' },
    clientAuthentication: 'body',
    redirect: { host: '127.0.0.1', ports: [] },
    rotatesRefreshToken: true,
    issuer: (login) => login,
    revocation: { kind: 'rfc7009', url: (login) => `${login}/token/revocation` },
    learn: ({ instance_url: url }) => {
      const learned: Record<string, string> = {};
      if (typeof url === 'string') learned.instanceUrl = url;
      return learned;
    },
    apply: { kind: 'bearer', credential: 'accessToken' },
    ...changes,
  };
}

export function testConnector(
  method: Manifest['auth'][number] = testMethod(),
  id = 'mirror',
  changes: Partial<Manifest> = {},
): Connector {
  const manifest: Manifest = {
    id,
    name: 'Mirror',
    category: 'crm',
    summary: 'A system for tests.',
    monogram: 'MI',
    docsUrl: 'https://example.test/docs',
    fields: [],
    auth: [method],
    endpoints: {
      api: (urls) => urls.learned.instanceUrl ?? 'https://api.mirror.test',
      login: () => 'https://login.mirror.test',
      allowedHosts: ['.mirror.test', '.salesforce.com'],
    },
    rateLimit: { buckets: { default: { requests: 100, perMs: 1000 } }, maxConcurrent: 4 },
    errors: [],
    jobs: [],
    ...changes,
  };
  const none = (): never => {
    throw new Error('The test connector reads nothing.');
  };
  return {
    manifest,
    identify: none,
    check: none,
    objects: none,
    fields: none,
    read: none,
    explain: async (_context, error) => error,
  };
}

export function testConnection(loginBaseUrl: string, changes: Partial<Connection> = {}): Connection {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id: CONNECTION_ID,
    tenantId: TENANT_ID,
    connectorId: 'mirror',
    name: 'Mirror of Acme',
    authMethodId: 'oauth',
    fields: {},
    overrides: { loginBaseUrl, apiBaseUrl: loginBaseUrl, allowPrivateNetwork: true },
    state: { kind: 'active', since: at },
    authorization: null,
    learned: {},
    createdAt: at,
    updatedAt: at,
    version: 1,
    ...changes,
  };
}

export interface Bench {
  readonly folder: string;
  readonly vault: FileVault;
  readonly grants: GrantStore;
  readonly transport: Transport;
  readonly access: AccessService;
  readonly lost: { readonly id: ConnectionId; readonly reason: DisconnectReason; readonly detail: string }[];
  readonly learned: Readonly<Record<string, string>>[];
  /** Stores news of a refresh. */
  onLearned: (learned: Readonly<Record<string, string>>) => void;
  readonly log: string[];
  /** What the repository would answer; null = deleted. */
  connection: Connection | null;
  connector: Connector;
  clientId: string | null;
  /** Added to both clocks. */
  elapsedMs: number;
  /** Added to the wall clock alone. */
  wallOffsetMs: number;
  /** Waits asked for by the services; they pass at once and move both clocks. */
  readonly waits: number[];
  authorization(ports: Pick<AuthorizationPorts, 'openWindow' | 'openBrowser'>): AuthorizationService;
  close(): Promise<void>;
}

export interface BenchOptions {
  connector?: Connector;
  folder?: string;
  /** Where grants rest instead of the bench's own file. */
  secrets?: Pick<Vault, 'get' | 'put' | 'has' | 'remove'>;
}

export function makeBench(loginBaseUrl: string, options: BenchOptions = {}): Bench {
  const folder = options.folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-oauth-'));
  const vault = new FileVault(path.join(folder, 'vault.json'));
  const grants = new GrantStore(options.secrets ?? vault);
  const transport = createTransport();
  const startedMs = performance.now();
  const shared = {
    grants,
    transport,
    loadConnection: (): Connection | null => bench.connection,
    loadOAuthApp: () => (bench.clientId === null ? null : { clientId: bench.clientId }),
    connectorById: (id: string) => (id === bench.connector.manifest.id ? bench.connector : undefined),
    now: () => Date.now() + bench.elapsedMs + bench.wallOffsetMs,
    monotonic: () => performance.now() - startedMs + bench.elapsedMs,
  };
  const bench: Bench = {
    folder,
    vault,
    grants,
    transport,
    lost: [],
    learned: [],
    onLearned: (learned) => void bench.learned.push(learned),
    log: [],
    waits: [],
    connection: testConnection(loginBaseUrl),
    connector: options.connector ?? testConnector(),
    clientId: CLIENT_ID,
    elapsedMs: 0,
    wallOffsetMs: 0,
    access: new AccessService({
      ...shared,
      random: () => 0.5,
      wait: async (ms) => {
        bench.waits.push(ms);
        bench.elapsedMs += ms;
      },
      onLost: (id, reason, detail) => void bench.lost.push({ id, reason, detail }),
      onLearned: (_id, learned) => bench.onLearned(learned),
      log: (line) => void bench.log.push(line),
    }),
    authorization: (ports) => new AuthorizationService({ ...shared, ...ports, randomBytes }),
    close: async () => {
      await transport.close();
      if (options.folder === undefined) fs.rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}
