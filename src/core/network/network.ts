/** How requests leave this machine: through the proxy the system names, trusting the company's own authorities too. */
import { z } from 'zod';
import { ConnectorError, type Transport, type WirePolicy } from '../../../connectors/kit/doors/authorization.ts';
import type { Update } from '../../shared/activity/activity.ts';
import { AppError } from '../../shared/errors.ts';
import { instantSchema } from '../../shared/ids.ts';
import type { CertificateInfo, NetworkTest } from '../../shared/network.ts';
import { describeCertificate, idOf, readCertificates, type StoredCertificate } from './certificates.ts';
import { proxyOf } from './proxy.ts';

const storedSchema = z.array(z.strictObject({ pem: z.string().max(100_000), addedAt: instantSchema })).max(200);
type WireRequest = Parameters<Transport['send']>[0];

const KEY = 'network.certificates';
/** How long an answer of the system about one origin is used, milliseconds: a laptop changes networks. */
const PROXY_LIFE_MS = 30_000;
const TEST_TIMEOUT_MS = 20_000;
const TEST_BYTES = 64 * 1024;

export interface NetworkPorts {
  readonly settings: {
    get<T>(key: string, schema: z.ZodType<T>): T | null;
    set(key: string, value: unknown): void;
  };
  /** Runs `write` together with storing the Update activity that describes it. */
  readonly change: (write: () => void, action: string, changes: Update['changes']) => void;
  /** The system's answer for a URL, as a proxy configuration script gives it. */
  readonly resolveProxy: (url: string) => Promise<string>;
  readonly now: () => number;
}

export class NetworkService {
  readonly #ports: NetworkPorts;
  #certificates: readonly StoredCertificate[] | null = null;
  readonly #proxies = new Map<string, { readonly proxy: string | null; readonly until: number }>();

  constructor(ports: NetworkPorts) {
    this.#ports = ports;
  }

  certificates(): CertificateInfo[] {
    return this.#stored().map((one) => describeCertificate(one, this.#ports.now()));
  }

  /** PEM texts that are trusted besides the public authorities; undefined when there are none. */
  ca(): string[] | undefined {
    const stored = this.#stored();
    return stored.length === 0 ? undefined : stored.map(({ pem }) => pem);
  }

  /** @returns how many were new, and why others were not taken @throws AppError invalid_input when none can be */
  add(file: string | Uint8Array): { readonly added: number; readonly refused: readonly string[] } {
    const now = this.#ports.now();
    const stored = this.#stored();
    const known = new Set(stored.map((one) => describeCertificate(one, now).id));
    const added: StoredCertificate[] = [];
    const { accepted, refused } = readCertificates(file, now);
    for (const certificate of accepted) {
      if (known.has(idOf(certificate))) continue;
      known.add(idOf(certificate));
      added.push({ pem: certificate.toString(), addedAt: new Date(now).toISOString() });
    }
    if (added.length > 0) this.#keep([...stored, ...added], 'added', added);
    return { added: added.length, refused };
  }

  remove(id: string): void {
    const now = this.#ports.now();
    const stored = this.#stored();
    const found = stored.find((one) => describeCertificate(one, now).id === id);
    if (found === undefined) throw new AppError('not_found', 'This certificate is not there any more.');
    this.#keep(
      stored.filter((one) => one !== found),
      'removed',
      [found],
    );
  }

  /** @returns URL of the proxy for an address, null for the direct way @throws ConnectorError network */
  async proxyFor(url: string): Promise<string | null> {
    const { origin } = new URL(url);
    const now = this.#ports.now();
    const known = this.#proxies.get(origin);
    if (known !== undefined && known.until > now) return known.proxy;
    const proxy = proxyOf(await this.#ports.resolveProxy(`${origin}/`));
    if (this.#proxies.size > 1_000) this.#proxies.clear();
    this.#proxies.set(origin, { proxy, until: now + PROXY_LIFE_MS });
    return proxy;
  }

  /** The same transport, each request with the proxy and the certificates of the moment. */
  over(transport: Transport): Transport {
    const routed = async (wire: WireRequest): Promise<WireRequest> => ({ ...wire, policy: await this.#route(wire) });
    return {
      send: async (wire, signal) => transport.send(await routed(wire), signal),
      stream: async (wire, signal) => transport.stream(await routed(wire), signal),
      close: () => transport.close(),
    };
  }

  /** Asks an address for its first page, as a connection would. Whatever status it answers, it was reached. */
  async test(transport: Transport, address: string, allowPrivate: boolean): Promise<NetworkTest> {
    const url = testUrl(address);
    const startedAt = this.#ports.now();
    const result = (part: Pick<NetworkTest, 'proxy' | 'passed' | 'seen' | 'advice'>): NetworkTest => ({
      ...part,
      durationMs: Math.max(0, Math.round(this.#ports.now() - startedAt)),
    });
    let proxy: string | null = null;
    try {
      proxy = await this.proxyFor(url.href);
      const port = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port;
      const answer = await this.over(transport).send({
        url: url.href,
        method: 'GET',
        headers: { accept: '*/*' },
        timeoutMs: TEST_TIMEOUT_MS,
        maxBodyBytes: TEST_BYTES,
        policy: { allowPrivate, allowedHosts: [`${url.hostname.toLowerCase()}:${port}`] },
      });
      return result({
        proxy: shown(proxy),
        passed: true,
        seen: `${url.host} answered with HTTP ${answer.status}.`,
        advice: '',
      });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const isReached = error.failureClass === 'invalid_response' && !(error.vendorCode ?? '').startsWith('HPE_');
      if (isReached) return result({ proxy: shown(proxy), passed: true, seen: `${url.host} answered.`, advice: '' });
      return result({ proxy: shown(proxy), passed: false, seen: error.message, advice: adviceFor(error, proxy) });
    }
  }

  async #route({ url, policy }: WireRequest): Promise<WirePolicy> {
    const ca = this.ca();
    const proxy = await this.proxyFor(url);
    return { ...policy, ...(ca === undefined ? {} : { ca }), ...(proxy === null ? {} : { proxy }) };
  }

  #stored(): readonly StoredCertificate[] {
    this.#certificates ??= this.#ports.settings.get(KEY, storedSchema) ?? [];
    return this.#certificates;
  }

  /** @param which those that were added or removed */
  #keep(certificates: readonly StoredCertificate[], action: 'added' | 'removed', which: StoredCertificate[]): void {
    const { change, settings, now } = this.#ports;
    const changes = which.map((one) => {
      const { subject } = describeCertificate(one, now());
      const [before, after] = action === 'added' ? ['', subject] : [subject, ''];
      return { field: 'Certificate authority', before, after };
    });
    change(() => settings.set(KEY, certificates), `Certificate authority ${action}`, changes);
    this.#certificates = certificates;
  }
}

function shown(proxy: string | null): string | null {
  return proxy === null ? null : proxy.replace(/^http:\/\//, '');
}

function testUrl(address: string): URL {
  const text = address.includes('://') ? address : `https://${address}`;
  try {
    const url = new URL(text);
    if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  } catch (cause) {
    throw new AppError('invalid_input', 'This is not an address. Enter a host name or https://…', {
      field: 'url',
      cause,
    });
  }
  throw new AppError('invalid_input', 'Enter an address that begins with https://.', { field: 'url' });
}

function adviceFor({ failureClass, vendorCode }: ConnectorError, proxy: string | null): string {
  if (vendorCode === 'PROXY_407')
    return 'Patchbay cannot log in to a proxy. Ask its administrator to let this machine or this address through without a name.';
  if (failureClass === 'tls')
    return 'If your company inspects traffic or signs its own servers, add the certificate of its authority above.';
  if (failureClass === 'host_refused') return 'Tick the box if the address belongs to your own network.';
  if (proxy !== null)
    return 'Check the proxy in the system’s network settings, and whether it lets this address through.';
  return 'Check the network of this machine and the address.';
}
