// Given to the stand-in Electron (Node 18) with NODE_OPTIONS=--require, which reaches main and every utility process:
// the two globals that newer Node has and our libraries use (crypto: oauth4webapi; File: undici).
'use strict';
for (const [name, source, member] of [
  ['crypto', 'node:crypto', 'webcrypto'],
  ['File', 'node:buffer', 'File'],
]) {
  if (globalThis[name] !== undefined) continue;
  const value = require(source)[member];
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
}
