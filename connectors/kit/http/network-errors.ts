import { ConnectorError } from '../contract.ts';

/** Sentences for what the network stack reports; codes as in Node's errors and TLS documentation. */
const CODES: Readonly<Record<string, readonly ['network' | 'timeout' | 'tls' | 'invalid_response', string]>> = {
  ENOTFOUND: ['network', 'its name is not known'],
  EAI_AGAIN: ['network', 'its name cannot be looked up at the moment'],
  ECONNREFUSED: ['network', 'nothing answers there'],
  ECONNRESET: ['network', 'the connection was cut'],
  EPIPE: ['network', 'the connection was cut'],
  EHOSTUNREACH: ['network', 'no route leads there'],
  ENETUNREACH: ['network', 'there is no network'],
  ENETDOWN: ['network', 'there is no network'],
  UND_ERR_SOCKET: ['network', 'the connection was cut'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', 'it did not accept the connection in time'],
  ETIMEDOUT: ['timeout', 'it did not accept the connection in time'],
  UND_ERR_HEADERS_TIMEOUT: ['timeout', 'it did not answer in time'],
  UND_ERR_BODY_TIMEOUT: ['timeout', 'its answer stopped midway'],
  UND_ERR_HEADERS_OVERFLOW: ['invalid_response', 'its answer has oversized headers'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['network', 'its answer ended early'],
  CERT_HAS_EXPIRED: ['tls', 'its certificate has expired'],
  CERT_NOT_YET_VALID: ['tls', 'its certificate is not valid yet (is the clock of this machine right?)'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls', 'its certificate is signed by nobody but itself'],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls', 'its certificate chain ends in an unknown authority'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['tls', 'its certificate chain is incomplete or unknown'],
  UNABLE_TO_GET_ISSUER_CERT: ['tls', 'its certificate is from an unknown authority'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', 'its certificate is from an unknown authority'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'its certificate is for another name'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['tls', 'it does not speak TLS on that port'],
};

/** An exception of the network stack as a typed error. A {@link ConnectorError} in its chain of causes wins. */
export function toNetworkError(error: unknown, host: string): ConnectorError {
  for (
    let current: unknown = error, depth = 0;
    current instanceof Error && depth < 8;
    current = current.cause, depth += 1
  ) {
    if (current instanceof ConnectorError) return current;
    const members = current instanceof AggregateError ? current.errors : [];
    const inner = members.find((member) => member instanceof ConnectorError);
    if (inner instanceof ConnectorError) return inner;
    const proxyStatus = /^Proxy response \((\d{3})\)/.exec(current.message)?.[1];
    if (proxyStatus !== undefined) return describeProxy(proxyStatus, host);
    const code = codeOf(current) ?? codeOf(members[0]);
    if (code !== undefined && isTelling(code)) return describeCode(code, host);
  }
  const name = error instanceof Error ? (codeOf(error) ?? error.name) : typeof error;
  return new ConnectorError('network', `${host} could not be reached (${name}).`, { vendorCode: name });
}

/** What the proxy answered to "CONNECT": undici says it in its message only. */
function describeProxy(status: string, host: string): ConnectorError {
  const why = status === '407' ? 'the proxy asks for a user name and password' : 'the proxy refused the way';
  return new ConnectorError('network', `${host} could not be reached: ${why} (HTTP ${status}).`, {
    vendorCode: `PROXY_${status}`,
  });
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  // undici gives this one no code when the very first bytes are wrong.
  return error instanceof Error && error.name === 'HTTPParserError' ? 'HPE_INVALID_CONSTANT' : undefined;
}

function isTelling(code: string): boolean {
  return (
    Object.hasOwn(CODES, code) || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code.startsWith('HPE_')
  );
}

function describeCode(code: string, host: string): ConnectorError {
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  const [failureClass, why] =
    known ??
    (code.startsWith('HPE_')
      ? (['invalid_response', 'its answer is not proper HTTP'] as const)
      : (['tls', 'the encrypted connection failed'] as const));
  return new ConnectorError(failureClass, `${host} could not be used: ${why} (${code}).`, { vendorCode: code });
}
