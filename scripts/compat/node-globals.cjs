// Loaded first in the stand-in Electron (Node 18): in main by bootstrap.cjs, in utility processes and their threads by
// NODE_OPTIONS, in a package by forge.config.ts. It adds what newer Node has and our libraries use. No line of the product knows about it.
'use strict';
const zlib = require('node:zlib');

// Globals: `crypto` for oauth4webapi, `File` for undici.
for (const [name, source, member] of [
  ['crypto', 'node:crypto', 'webcrypto'],
  ['File', 'node:buffer', 'File'],
]) {
  if (globalThis[name] !== undefined) continue;
  const value = require(source)[member];
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
}

// undici 8 binds this one while it loads. Nothing here asks a server for zstd, so nothing ever calls it.
zlib.createZstdDecompress ??= () => {
  throw new Error('This Node has no zstd.');
};

// undici 8 marks its objects so that structured clone refuses them. Without the marker they are merely cloned as plain objects.
require('node:worker_threads').markAsUncloneable ??= () => {};

// undici 8 ends its streams by these two; they came with Node 18.18.
if (Symbol.dispose === undefined) Object.defineProperty(Symbol, 'dispose', { value: Symbol('Symbol.dispose') });
require('node:events').addAbortListener ??= (signal, listener) => {
  if (signal.aborted) queueMicrotask(() => listener());
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
};
