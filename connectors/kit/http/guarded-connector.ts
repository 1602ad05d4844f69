/**
 * The guard in the socket's own name resolution: a check made earlier loses to a name that resolves differently the second
 * time (threats.md, SSRF by rebinding).
 */
import dns from 'node:dns';
import net from 'node:net';
import type { buildConnector } from 'undici';
import { mayConnect } from './address.ts';
import { addressLiteral, refused } from './hosts.ts';

type Lookup = net.LookupFunction;

/** Resolves a name and keeps only addresses this policy may connect to; none left = refused before any packet. */
export function guardedLookup(
  allowPrivate: boolean,
  isPlainHttp: boolean,
  resolve: typeof dns.lookup = dns.lookup,
): Lookup {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const allowed = addresses.filter(({ address }) => mayConnect(address, allowPrivate, isPlainHttp));
      const [first] = allowed;
      if (first === undefined)
        callback(refused(hostname, 'its name leads to an address that this connection may not use'), '');
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/** Wraps undici's connector: address literals are checked before, the connected address once more after connecting. */
export function guardedConnector(
  connectors: (lookup: Lookup) => buildConnector.connector,
  allowPrivate: boolean,
): buildConnector.connector {
  const connectTls = connectors(guardedLookup(allowPrivate, false));
  const connectPlain = connectors(guardedLookup(allowPrivate, true));
  return (options, callback) => {
    const isPlainHttp = options.protocol === 'http:';
    const literal = addressLiteral(options.hostname) ?? (net.isIP(options.hostname) > 0 ? options.hostname : null);
    if (literal !== null && !mayConnect(literal, allowPrivate, isPlainHttp)) {
      callback(refused(options.hostname, 'this connection may not use that address'), null);
      return;
    }
    const connect = isPlainHttp ? connectPlain : connectTls;
    connect(options, (...[error, socket]) => {
      // undici's types promise a null beside an error; there is nothing.
      if (error !== null || socket === null || socket === undefined) {
        callback(error ?? new Error('No socket'), null);
        return;
      }
      if (!mayConnect(socket.remoteAddress ?? '', allowPrivate, isPlainHttp)) {
        socket.destroy();
        callback(refused(options.hostname, 'it led to an address that this connection may not use'), null);
        return;
      }
      callback(null, socket);
    });
  };
}
