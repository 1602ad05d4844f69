/** The grants of a practice authorization server: codes, tokens, rotation, reuse detection; kept in a file when asked. */
import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export interface Grant {
  readonly id: string;
  readonly email: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Why it no longer works; null = it does. */
  ended: 'revoked' | 'password_changed' | null;
  /** Only hashes are kept, as real servers do. */
  refreshHash: string | null;
  /** Refresh tokens that were replaced; whoever shows one again has stolen or lost it. */
  readonly spentHashes: string[];
  accessTokens: { readonly hash: string; expiresAtMs: number | null }[];
}

export interface IssuedTokens {
  readonly grant: Grant;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresInSeconds: number | null;
}

export interface GrantStoreOptions {
  readonly accessTokenLifeSeconds: number | null;
  readonly refreshTokens: 'rotating' | 'kept' | 'none';
  readonly stateFile?: string | undefined;
  /** Makes a token look like the vendor's. */
  readonly newToken?: ((kind: 'access' | 'refresh') => string) | undefined;
}

export interface GrantStore {
  create(email: string, clientId: string, scopes: readonly string[]): IssuedTokens;
  /** Rotates where the server does; a spent refresh token kills the whole grant (RFC 9700, section 4.14.2). */
  refresh(refreshToken: string): IssuedTokens | 'unknown' | 'reused' | 'revoked';
  findByAccessToken(token: string): { readonly grant: Grant; readonly isExpired: boolean } | null;
  /** An access or a refresh token; takes the whole grant with it. @returns whether it was known */
  revoke(token: string): boolean;
  end(grant: Grant): void;
  /** @param email absent = of everybody */
  endAll(why: 'revoked' | 'password_changed', email?: string): void;
  expireAccessTokens(): void;
  readonly grants: readonly Grant[];
}

/** Access tokens of a grant that are remembered; older ones are long expired. */
const MAX_ACCESS_TOKENS = 50;

export function createGrantStore(options: GrantStoreOptions): GrantStore {
  const grants = load(options.stateFile);
  const save = (): void => store(options.stateFile, grants);
  const newToken = options.newToken ?? (() => randomBytes(24).toString('base64url'));

  const issue = (grant: Grant, keepsRefresh: boolean): IssuedTokens => {
    const accessToken = newToken('access');
    const { accessTokenLifeSeconds: life } = options;
    grant.accessTokens.push({ hash: hash(accessToken), expiresAtMs: life === null ? null : Date.now() + life * 1000 });
    grant.accessTokens = grant.accessTokens.slice(-MAX_ACCESS_TOKENS);
    let refreshToken: string | null = null;
    if (options.refreshTokens !== 'none' && !keepsRefresh) {
      refreshToken = newToken('refresh');
      if (grant.refreshHash !== null) grant.spentHashes.push(grant.refreshHash);
      grant.refreshHash = hash(refreshToken);
    }
    save();
    return { grant, accessToken, refreshToken, expiresInSeconds: life };
  };

  return {
    grants,
    create(email, clientId, scopes) {
      const grant: Grant = {
        id: randomBytes(8).toString('hex'),
        email,
        clientId,
        scopes,
        ended: null,
        refreshHash: null,
        spentHashes: [],
        accessTokens: [],
      };
      grants.push(grant);
      return issue(grant, false);
    },
    refresh(refreshToken) {
      const wanted = hash(refreshToken);
      const spent = grants.find((grant) => grant.spentHashes.includes(wanted));
      if (spent !== undefined) {
        spent.ended = 'revoked';
        save();
        return 'reused';
      }
      const grant = grants.find((candidate) => candidate.refreshHash === wanted);
      if (grant === undefined) return 'unknown';
      if (grant.ended !== null) return 'revoked';
      return issue(grant, options.refreshTokens === 'kept');
    },
    findByAccessToken(token) {
      const wanted = hash(token);
      for (const grant of grants) {
        const found = grant.accessTokens.find((candidate) => candidate.hash === wanted);
        if (found !== undefined)
          return { grant, isExpired: found.expiresAtMs !== null && found.expiresAtMs <= Date.now() };
      }
      return null;
    },
    revoke(token) {
      const wanted = hash(token);
      const grant = grants.find(
        (candidate) =>
          candidate.refreshHash === wanted || candidate.accessTokens.some((access) => access.hash === wanted),
      );
      if (grant !== undefined) grant.ended = 'revoked';
      save();
      return grant !== undefined;
    },
    end(grant) {
      grant.ended = 'revoked';
      save();
    },
    endAll(why, email) {
      for (const grant of grants) {
        if (grant.ended === null && (email === undefined || grant.email === email)) grant.ended = why;
      }
      save();
    },
    expireAccessTokens() {
      for (const grant of grants) {
        for (const access of grant.accessTokens) access.expiresAtMs = 0;
      }
      save();
    },
  };
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** What is not a file of grants is put aside: the people of a practice system log in again. */
function load(stateFile: string | undefined): Grant[] {
  if (stateFile === undefined || lstatSync(stateFile, { throwIfNoEntry: false }) === undefined) return [];
  try {
    if (!lstatSync(stateFile).isFile()) throw new Error('not a file');
    const kept: unknown = JSON.parse(readFileSync(stateFile, 'utf8'));
    if (!Array.isArray(kept)) throw new Error('not a list of grants');
    return kept as Grant[];
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    process.stderr.write(`The grants of a practice system could not be read and were put aside: ${why}\n`);
    rmSync(`${stateFile}.damaged`, { force: true, recursive: true });
    renameSync(stateFile, `${stateFile}.damaged`);
    return [];
  }
}

function store(stateFile: string | undefined, grants: readonly Grant[]): void {
  if (stateFile === undefined) return;
  // Written aside and renamed: the servers may be killed at any instant.
  const aside = `${stateFile}.new`;
  writeFileSync(aside, JSON.stringify(grants), { mode: 0o600 });
  renameSync(aside, stateFile);
}
