/**
 * A token answer as the library expects it. Whatever else stands in an answer, a refresh token in it may have replaced the one
 * that was sent: it is heard first, so that it can be stored before the rest is judged.
 */
import { ConnectorError, parseJson, type WireResponse } from '../../../connectors/kit/doors/authorization.ts';

/** Longer lives are nonsense, and beyond what a date can hold. Seconds. */
const LONGEST_LIFE_S = 10 * 366 * 86_400;

export interface HeardAnswer {
  /** Members that the library takes; without an access token where none can be used. */
  readonly members: Readonly<Record<string, unknown>>;
  /** Why the access token cannot be used; null = it can. */
  readonly flaw: ConnectorError | null;
  /** Names of members that made no sense and were left out. */
  readonly ignored: readonly string[];
}

/**
 * @param name of the system, for messages
 * @throws ConnectorError invalid_response when the answer is none and brings no refresh token
 */
export function hearAnswer(wire: WireResponse, host: string, name: string): HeardAnswer {
  let answer: unknown;
  try {
    answer = parseJson(wire.body, host);
  } catch (error) {
    const refreshToken = salvage(wire.body);
    if (refreshToken === null || !(error instanceof ConnectorError)) throw error;
    return { members: { refresh_token: refreshToken }, flaw: error, ignored: [] };
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new ConnectorError('invalid_response', `${host} sent JSON that is not an object where tokens were expected.`);
  }
  return judgeMembers({ ...answer }, host, name);
}

function judgeMembers(answer: Record<string, unknown>, host: string, name: string): HeardAnswer {
  const members = { ...answer };
  const ignored: string[] = [];
  // Whose account a grant is for is asked from the API; an id token would need keys and an issuer that few manifests have.
  delete members.id_token;
  for (const [member, read] of Object.entries(READERS)) {
    const given = members[member];
    const value = given === null || given === undefined || given === '' ? undefined : read(given);
    if (value === undefined) delete members[member];
    else members[member] = value;
    if (value === undefined && given !== undefined && given !== null && given !== '') ignored.push(member);
  }
  const flaw = flawOf(members, host, name);
  members.token_type = 'bearer';
  return { members, flaw, ignored };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What each member may be, in all the forms that servers send; undefined = it makes no sense. */
const READERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  access_token: textOf,
  refresh_token: textOf,
  token_type: textOf,
  expires_in: lifeOf,
  scope: (value) =>
    Array.isArray(value) ? value.filter((scope) => typeof scope === 'string').join(' ') : textOf(value),
};

/** Seconds; undefined for a life that makes no sense: then a refusal tells when it has ended. */
function lifeOf(value: unknown): number | undefined {
  const text = typeof value === 'string' ? value.trim() : value;
  const seconds = typeof text === 'string' && /^\d{1,12}(?:\.\d{1,9})?$/.test(text) ? Number(text) : text;
  return typeof seconds === 'number' && seconds > 0 && seconds <= LONGEST_LIFE_S ? seconds : undefined;
}

/** Kinds of token that are sent in another way than as a bearer (RFC 6749, 7.1; RFC 9449, 5). */
const OTHER_KINDS: ReadonlySet<string> = new Set(['mac', 'dpop', 'pop']);

function flawOf(members: Readonly<Record<string, unknown>>, host: string, name: string): ConnectorError | null {
  const refuse = (why: string): ConnectorError =>
    new ConnectorError('invalid_response', `${name} sent a token answer that cannot be used: ${why} (${host}).`);
  if (members.access_token === undefined) return refuse('it holds no access token');
  const kind = String(members.token_type ?? 'bearer').toLowerCase();
  return OTHER_KINDS.has(kind) ? refuse(`its token is of the kind "${kind}", not a bearer token`) : null;
}

/** A whole refresh token in the remains of an answer; null when there is none, or the answer never was JSON. */
function salvage(body: Uint8Array): string | null {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  if (!text.trimStart().startsWith('{')) return null;
  const found = [...text.matchAll(/"refresh_token"\s*:\s*("(?:[^"\\]|\\.)+")/g)].at(-1)?.[1];
  if (found === undefined) return null;
  try {
    return textOf(JSON.parse(found)) ?? null;
  } catch {
    // Not a JSON text after all: nothing that could be sent.
    return null;
  }
}
