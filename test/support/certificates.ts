// A company's own certificate authority, and certificates signed by it, made on the spot with openssl.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface KeyPair {
  readonly key: string;
  readonly cert: string;
}

/** What a certificate is to be. `days` may be negative: it has ended. */
interface Wish {
  readonly name: string;
  readonly days?: number;
  readonly isAuthority?: boolean;
  /** "DNS:example.test,IP:127.0.0.1" */
  readonly altName?: string;
  readonly extensions?: readonly string[];
}

export interface Authority extends KeyPair {
  /** Signs a certificate, of a server or of an authority below this one. */
  issue(wish: Wish): Authority;
}

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}

function withFolder<T>(work: (folder: string) => T): T {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-ca-'));
  try {
    return work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function make(wish: Wish, signer: KeyPair | null): Authority {
  return withFolder((folder) => {
    const write = (name: string, text: string): void => fs.writeFileSync(path.join(folder, name), text);
    const read = (name: string): string => fs.readFileSync(path.join(folder, name), 'utf8');
    const extensions = [
      `basicConstraints=critical,CA:${wish.isAuthority ? 'TRUE' : 'FALSE'}`,
      ...(wish.altName === undefined ? [] : [`subjectAltName=${wish.altName}`]),
      ...(wish.extensions ?? []),
    ];
    write('extensions.cnf', `${extensions.join('\n')}\n`);
    openssl(folder, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key.pem');
    openssl(folder, 'req', '-new', '-key', 'key.pem', '-subj', `/O=Acme Test/CN=${wish.name}`, '-out', 'request.pem');
    const dates = ['-days', String(wish.days ?? 2)];
    if (signer === null) {
      openssl(
        folder,
        'x509',
        '-req',
        '-in',
        'request.pem',
        '-signkey',
        'key.pem',
        '-extfile',
        'extensions.cnf',
        ...dates,
        '-out',
        'cert.pem',
      );
    } else {
      write('signer.pem', signer.cert);
      write('signer-key.pem', signer.key);
      openssl(
        folder,
        ...['x509', '-req', '-in', 'request.pem', '-CA', 'signer.pem', '-CAkey', 'signer-key.pem'],
        ...['-set_serial', String(Date.now()), '-extfile', 'extensions.cnf', ...dates, '-out', 'cert.pem'],
      );
    }
    const pair = { key: read('key.pem'), cert: read('cert.pem') };
    return { ...pair, issue: (below) => make(below, pair) };
  });
}

/** An authority that signs itself. */
export function makeAuthority(name: string, wish: Omit<Wish, 'name'> = {}): Authority {
  return make({ isAuthority: true, ...wish, name }, null);
}
