/** Builds the page and the stand-in bridge, and serves both under the product's content security policy. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { build } from 'vite';

const project = path.join(import.meta.dirname, '../..');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface Harness {
  readonly url: string;
  readonly close: () => Promise<void>;
}

function policy(nonce: string): string {
  return `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'`;
}

async function page(folder: string): Promise<{ html: string; nonce: string }> {
  const nonce = randomBytes(16).toString('base64');
  const html = await fs.readFile(path.join(folder, 'index.html'), 'utf8');
  return {
    nonce,
    html: html.replace('__CSP_NONCE__', nonce).replace('<script', '<script src="./bridge.js"></script><script'),
  };
}

export async function startHarness(port = 0): Promise<Harness> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'patchbay-page-'));
  await build({
    configFile: path.join(project, 'build/vite.renderer.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'chrome114',
      lib: {
        entry: path.join(import.meta.dirname, 'bridge.ts'),
        formats: ['iife'],
        name: 'harness',
        fileName: () => 'bridge.js',
      },
    },
  });
  const server = http.createServer(async (request, response) => {
    const name = new URL(request.url ?? '/', 'http://x').pathname;
    try {
      if (name === '/') {
        const { html, nonce } = await page(folder);
        response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy(nonce) })
          .end(html);
        return;
      }
      const file = path.join(folder, path.normalize(name));
      const body = await fs.readFile(file);
      response
        .writeHead(200, {
          'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
          'cache-control': 'max-age=3600',
        })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
      await fs.rm(folder, { recursive: true, force: true });
    },
  };
}
