// A stand-in for the program that opens links: Electron starts `xdg-open`, and finds ours first on its PATH.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface OpenedLinks {
  /** Variables with which a program finds the stand-in. */
  readonly env: Readonly<Record<string, string>>;
  /** Every argument it was given so far, in order. */
  all(): string[];
  /** Waits until this address has come: what was asked for before it has come, or never will. */
  waitFor(address: string): Promise<void>;
}

export function watchOpenedLinks(folder: string): OpenedLinks {
  const record = path.join(folder, 'opened.txt');
  const program = path.join(folder, 'xdg-open');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(record, '');
  fs.writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${record}'\n`, { mode: 0o755 });
  const all = (): string[] => fs.readFileSync(record, 'utf8').split('\n').slice(0, -1);
  return {
    env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
    all,
    async waitFor(address) {
      const endAt = Date.now() + 60_000;
      while (!all().includes(address)) {
        if (Date.now() > endAt) throw new Error(`Waited a minute for ${address} to be opened`);
        await sleep(50);
      }
    },
  };
}
