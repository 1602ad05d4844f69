/**
 * Carries oauth4webapi's requests over the kit's transport, so that host rules, address checks and size caps hold for them
 * too, and evens out where vendors leave the standard: JSON request bodies, other success statuses, odd members of an answer.
 */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type Client,
  type ClientAuth,
  ClientSecretPost,
  type CustomFetchOptions,
  customFetch,
  None,
} from 'oauth4webapi';
import type { OAuthClient } from './client.ts';
import { classify, isErrorAnswer, type TokenRequest } from './refusal.ts';
import { type HeardAnswer, hearAnswer } from './token-answer.ts';

export const TOKEN_TIMEOUT_MS = 30_000;
/** Token answers are a few kilobytes. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** The server as oauth4webapi wants it. Its addresses come from the manifest, never from an answer. */
export function authorizationServer(client: OAuthClient): AuthorizationServer {
  const { method, login } = client;
  return {
    issuer: method.issuer?.(login) ?? new URL(method.tokenUrl(login)).origin,
    token_endpoint: method.tokenUrl(login),
    ...(method.revocation.kind === 'rfc7009' ? { revocation_endpoint: method.revocation.url(login) } : {}),
  };
}

export function clientMetadata(client: OAuthClient): Client {
  return { client_id: client.clientId };
}

export function clientAuthentication(client: OAuthClient): ClientAuth {
  if (client.clientSecret === null) return None();
  const secret = client.clientSecret.reveal();
  return client.method.clientAuthentication === 'basic' ? basic(secret) : ClientSecretPost(secret);
}

/**
 * RFC 6749, 2.3.1 with the plain form encoding, which leaves `-`, `.` and `_` alone. The library encodes those as well; both
 * decode to the same, but several vendors do not decode at all.
 */
function basic(secret: string): ClientAuth {
  return (_server, { client_id: id }, _body, headers) => {
    const pair = `${formEncode(id)}:${formEncode(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`);
  };
}

function formEncode(text: string): string {
  return new URLSearchParams({ a: text }).toString().slice(2);
}

export interface EndpointOptions {
  /** Members that JSON bodies must carry as numbers. */
  readonly typedParams?: Readonly<Record<string, string | number>> | undefined;
  readonly asJson?: boolean | undefined;
  /** What is asked for, for messages. */
  readonly what: TokenRequest;
  /** Told what a successful answer holds, before the library judges it. */
  readonly onHeard?: ((heard: HeardAnswer) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Options for a request of oauth4webapi. @see classify for what is thrown when the answer is an error */
export function requestOptions(client: OAuthClient, url: string, options: EndpointOptions) {
  return {
    // Whether plain http may be used at all is the policy's decision: private addresses that the connection allows.
    [allowInsecureRequests]: new URL(url).protocol === 'http:',
    [customFetch]: async (address: string, request: CustomFetchOptions<'POST', URLSearchParams>): Promise<Response> => {
      const wire = await client.transport.send(
        {
          url: address,
          method: 'POST',
          headers: {
            ...request.headers,
            accept: 'application/json',
            ...(options.asJson === true ? { 'content-type': 'application/json' } : {}),
          },
          body: Buffer.from(
            options.asJson === true ? jsonBody(request.body, options.typedParams) : request.body.toString(),
            'utf8',
          ),
          timeoutMs: TOKEN_TIMEOUT_MS,
          maxBodyBytes: MAX_ANSWER_BYTES,
          policy: client.policy,
        },
        options.signal,
      );
      const { host } = new URL(address);
      const isRefusal = wire.status < 200 || wire.status > 299 || isErrorAnswer(wire);
      if (isRefusal) throw classify(client, options.what, host, wire, secretsIn(request.body));
      if (wire.body.byteLength === 0) return new Response(null, { status: 200 });
      const heard = hearAnswer(wire, host, client.manifest.name);
      options.onHeard?.(heard);
      return new Response(JSON.stringify(heard.members), {
        status: 200,
        headers: { 'content-type': 'application/json' },
      });
    },
  };
}

function secretsIn(body: URLSearchParams): string[] {
  return ['code', 'code_verifier', 'refresh_token', 'client_secret', 'token'].flatMap((name) => body.getAll(name));
}

function jsonBody(body: URLSearchParams, typed: Readonly<Record<string, string | number>> = {}): string {
  return JSON.stringify({ ...Object.fromEntries(body.entries()), ...typed });
}
