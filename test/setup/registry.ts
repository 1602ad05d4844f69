// A package registry on loopback: what npm asks for, answered with packages that a test makes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export interface Registry {
  readonly url: string;
  /** What was asked for, in order: `GET /name`, `GET /name.tgz`. */
  readonly requests: string[];
  /** Set to leave downloads without an answer; called when one has come. */
  onDownload: (() => void) | null;
  /** Offers a package with these files; gives its hash as package-lock.json writes it. */
  offer(name: string, version: string, files: Files): string;
  downloads(): number;
  close(): Promise<void>;
}

interface Offered {
  readonly version: string;
  readonly archive: Buffer;
  readonly integrity: string;
}

export async function startRegistry(folder: string): Promise<Registry> {
  const offered = new Map<string, Offered>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const place = decodeURIComponent(request.url ?? '/');
    requests.push(`${request.method} ${place}`);
    if (place.endsWith('.tgz')) {
      if (registry.onDownload) return registry.onDownload();
      return answer(response, offered.get(place.slice(1, -'.tgz'.length))?.archive);
    }
    if (place === '/') return void response.end('{}');
    answer(response, packument(place.slice(1)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function packument(name: string): string | undefined {
    const found = offered.get(name);
    if (found === undefined) return undefined;
    const { version, integrity } = found;
    const dist = { tarball: `${url}/${name}.tgz`, integrity };
    return JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } });
  }

  const registry: Registry = {
    url,
    requests,
    onDownload: null,
    offer(name, version, files) {
      const archive = pack(path.join(folder, `package-${offered.size}-${Date.now()}`), {
        'package.json': JSON.stringify({ name, version }),
        ...files,
      });
      const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
      offered.set(name, { version, archive, integrity });
      return integrity;
    },
    downloads: () => requests.filter((line) => line.endsWith('.tgz')).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
}

function answer(response: ServerResponse, body: string | Buffer | undefined): void {
  if (body === undefined) response.writeHead(404).end('{"error":"not found"}');
  else response.end(body);
}

type Files = Readonly<Record<string, string | Buffer>>;

function pack(folder: string, files: Files): Buffer {
  const inside = Object.entries(files).map(([name, content]) => [`package/${name}`, content] as const);
  return archiveOf(folder, Object.fromEntries(inside));
}

/** A gzipped archive of these files. */
export function archiveOf(folder: string, files: Files): Buffer {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content, { mode: 0o755 });
  }
  return execFileSync('tar', ['-cz', '-C', folder, ...fs.readdirSync(folder)]);
}
