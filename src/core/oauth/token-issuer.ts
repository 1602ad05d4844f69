/** Accesses of methods without a log-in: bought with credentials that never leave this process, and used until they end. */
import {
  type Access,
  type Connector,
  ConnectorError,
  checkLearned,
  checkUrl,
  NEW_ACCESS_MS,
  Secret,
  type TokenMethod,
  type Transport,
  type WirePolicy,
  type WireResponse,
} from '../../../connectors/kit/doors/authorization.ts';
import type { Connection } from '../../shared/connection/connection.ts';
import { loginBase, policyOf, urlContext } from './client.ts';
import { TOKEN_TIMEOUT_MS } from './endpoint.ts';
import { fingerprint } from './grants.ts';
import { classify, isErrorAnswer } from './refusal.ts';
import { hearAnswer } from './token-answer.ts';

type Call = Exclude<ReturnType<TokenMethod['issue']>, { token: string }>;

const MAX_ANSWER_BYTES = 256 * 1024;
/** An access is replaced this long before it ends, milliseconds; of a short life only a tenth is given away. */
const LARGEST_MARGIN_MS = 60_000;

export interface IssuerOptions {
  readonly connection: Pick<Connection, 'name' | 'fields' | 'learned' | 'overrides'>;
  readonly connector: Connector;
  readonly method: TokenMethod;
  readonly credentials: () => Promise<Readonly<Record<string, Secret>>>;
  readonly transport: Transport;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly onLearned?: ((learned: Access['learned']) => void) | undefined;
}

export interface IssuedAccess extends Access {
  readonly fingerprint: string;
  /** Milliseconds since it was asked for. */
  readonly ageMs: () => number | null;
}

interface Issued {
  readonly access: IssuedAccess;
  /** By the monotonic clock, milliseconds. */
  readonly replaceAt: number;
}

/** One per connection: whoever asks at the same time gets the same access. */
export class TokenIssuer {
  readonly #options: IssuerOptions;
  #issued: Issued | null = null;
  #flight: Promise<IssuedAccess> | null = null;

  constructor(options: IssuerOptions) {
    this.#options = options;
  }

  /** @throws ConnectorError reauthorize_* when the credentials are refused, or a passing failure */
  async current(): Promise<IssuedAccess> {
    const issued = this.#issued;
    const { now, monotonic } = this.#options;
    const isUsable =
      issued !== null &&
      issued.replaceAt > monotonic() &&
      (issued.access.expiresAtMs ?? Number.POSITIVE_INFINITY) > now();
    return isUsable ? issued.access : this.#issue();
  }

  /** @param refused fingerprint of the access that the system answered 401 to */
  async renew(refused: string): Promise<IssuedAccess> {
    if (this.#issued !== null && this.#issued.access.fingerprint === refused) this.#issued = null;
    return this.current();
  }

  #issue(): Promise<IssuedAccess> {
    this.#flight ??= this.#ask().finally(() => {
      this.#flight = null;
    });
    return this.#flight;
  }

  async #ask(): Promise<IssuedAccess> {
    const { connection, now, monotonic, onLearned } = this.#options;
    const askedAt = monotonic();
    const { token, lifeMs, learned } = await this.#obtain();
    const secret = new Secret(token);
    const ageMs = (): number => Math.max(0, monotonic() - askedAt);
    const access: IssuedAccess = {
      credentials: { accessToken: secret },
      expiresAtMs: lifeMs === null ? null : now() + lifeMs,
      learned: { ...connection.learned, ...learned },
      fingerprint: fingerprint(secret),
      ageMs,
      // An access that was made here is as good as its key: the first refusal says so.
      isNew: () => ageMs() < NEW_ACCESS_MS,
    };
    const marginMs = lifeMs === null ? 0 : Math.min(LARGEST_MARGIN_MS, lifeMs / 10);
    this.#issued = { access, replaceAt: lifeMs === null ? Number.POSITIVE_INFINITY : askedAt + lifeMs - marginMs };
    if (Object.keys(learned).length > 0) onLearned?.(learned);
    return access;
  }

  async #obtain(): Promise<{ token: string; lifeMs: number | null; learned: Record<string, string> }> {
    const { connection, connector, method, now } = this.#options;
    const secrets = await this.#options.credentials();
    const urls = urlContext(connection);
    const credential = (name: string): string => {
      const value = secrets[name]?.reveal() ?? String(connection.fields[name] ?? '');
      if (value.trim() === '') throw new ConnectorError('credential_missing', `The credential "${name}" is missing.`);
      return value;
    };
    const login = loginBase(connector.manifest, urls);
    const recipe = method.issue({ credential, urls, login, nowMs: now() });
    if ('token' in recipe) return { token: recipe.token, lifeMs: recipe.expiresAtMs - now(), learned: {} };
    const policy = policyOf(connector.manifest, connection);
    const sent = Object.values(secrets).map((secret) => secret.reveal());
    const wire = await this.#send(recipe, policy);
    const { host } = new URL(recipe.url);
    if (wire.status < 200 || wire.status > 299 || isErrorAnswer(wire))
      throw classify(connector, 'issue', host, wire, sent);
    const { members, flaw } = hearAnswer(wire, host, connector.manifest.name);
    if (flaw !== null) throw flaw;
    const { access_token: token, refresh_token: _unused, ...visible } = members;
    const learned = checkLearned(
      connector.manifest,
      method.learn?.(visible) ?? {},
      connection.fields,
      connection.overrides,
    );
    const seconds = members.expires_in;
    return { token: String(token), lifeMs: typeof seconds === 'number' ? seconds * 1000 : null, learned };
  }

  #send(call: Call, policy: WirePolicy): Promise<WireResponse> {
    checkUrl(new URL(call.url), policy);
    const isJson = call.json !== undefined;
    const body = isJson ? JSON.stringify(call.json) : new URLSearchParams({ ...call.form }).toString();
    return this.#options.transport.send({
      url: call.url,
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
        ...call.headers,
        ...(call.basic === undefined ? {} : { authorization: basic(call.basic) }),
      },
      body: Buffer.from(body, 'utf8'),
      timeoutMs: TOKEN_TIMEOUT_MS,
      maxBodyBytes: MAX_ANSWER_BYTES,
      policy,
    });
  }
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}
