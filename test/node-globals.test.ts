/** The shim for the stand-in's old Node, in a Node from which was taken what it is to bring. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const shim = path.resolve(import.meta.dirname, '..', 'scripts', 'compat', 'node-globals.cjs');

/** Runs a program after the shim, in a Node without what Node 18.15 does not have, and answers what it prints as JSON. */
function onOldNode(program: string): unknown {
  const code = `
    const events = require('node:events');
    const native = events.addAbortListener;
    delete events.addAbortListener;
    delete require('node:zlib').createZstdDecompress;
    delete require('node:worker_threads').markAsUncloneable;
    delete globalThis.crypto;
    delete globalThis.File;
    require(${JSON.stringify(shim)});
    (async () => { ${program} })().then((value) => console.log(JSON.stringify(value)));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' }));
}

describe('the shim for an old Node', () => {
  it('brings what undici and oauth4webapi look up', () => {
    expect(
      onOldNode(`return [typeof crypto.subtle.digest, typeof File, typeof require('node:zlib').createZstdDecompress,
        typeof require('node:worker_threads').markAsUncloneable, typeof events.addAbortListener, native === events.addAbortListener]`),
    ).toEqual(['function', 'function', 'function', 'function', 'function', false]);
  });

  it('calls the listener once, when the signal is aborted', () => {
    expect(
      onOldNode(`const abort = new AbortController(); let calls = 0;
        events.addAbortListener(abort.signal, () => { calls += 1; });
        const before = calls; abort.abort(); abort.abort(); abort.signal.dispatchEvent(new Event('abort'));
        return [before, calls]`),
    ).toEqual([0, 1]);
  });

  it('calls the listener of a signal that is aborted already, later', () => {
    expect(
      onOldNode(`let calls = 0; events.addAbortListener(AbortSignal.abort(), () => { calls += 1; });
        const before = calls; await new Promise((resolve) => setImmediate(resolve)); return [before, calls]`),
    ).toEqual([0, 1]);
  });

  it('takes the listener away when it is disposed of', () => {
    expect(
      onOldNode(`const abort = new AbortController(); let calls = 0;
        const registered = events.addAbortListener(abort.signal, () => { calls += 1; });
        registered[Symbol.dispose](); abort.abort(); return calls`),
    ).toBe(0);
  });

  it('leaves what a newer Node has as it is', () => {
    const code = `const events = require('node:events'); const native = events.addAbortListener;
      require(${JSON.stringify(shim)}); console.log(events.addAbortListener === native);`;
    expect(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' })).toBe('true\n');
  });
});
