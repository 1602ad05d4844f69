import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { extname, join, normalize, sep } from 'node:path';
import { protocol, type Session } from 'electron';

/** The app's own origin. A standard, secure scheme: `file:` would give any script the whole disk. */
export const APP_SCHEME = 'patchbay';
export const APP_HOST = 'app';
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/index.html`;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    // codeCache: a later start need not compile the page's scripts again, where the runtime knows how (Electron 28 and newer).
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/**
 * Turns a request's path into a file below `root`, or null: decoded once, no NUL, no backslash, no dot segment, a known
 * file type, and still below the root after normalising.
 */
export function resolveInside(root: string, pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (/[\0\\%]/.test(decoded) || decoded.split('/').some((part) => part === '..' || part === '.')) return null;
  if (decoded.endsWith('/') || !(extname(decoded) in CONTENT_TYPES)) return null;
  const path = normalize(join(root, decoded));
  return path.startsWith(root.endsWith(sep) ? root : root + sep) ? path : null;
}

/** At once: the files are small and local, and a start waits for each turn of main's loop that a read in steps would take. */
function readIfFile(path: string): Uint8Array<ArrayBuffer> | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? new Uint8Array(readFileSync(path)) : null;
}

/** Serves the built renderer, and nothing else, under the app's own scheme. */
export function serveApp(session: Session, root: string): void {
  session.protocol.handle(APP_SCHEME, (request) => {
    const url = new URL(request.url);
    const path = url.host === APP_HOST && request.method === 'GET' ? resolveInside(root, url.pathname) : null;
    const bytes = path === null ? null : readIfFile(path);
    if (path === null || bytes === null) return new Response('Not found', { status: 404 });
    const nonce = randomBytes(18).toString('base64');
    const type = CONTENT_TYPES[extname(path)] ?? 'application/octet-stream';
    const body = type.startsWith('text/html')
      ? Buffer.from(bytes).toString('utf8').replaceAll('__CSP_NONCE__', nonce)
      : bytes;
    return new Response(body, {
      headers: {
        'content-type': type,
        'content-security-policy': contentSecurityPolicy(nonce),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      },
    });
  });
}
