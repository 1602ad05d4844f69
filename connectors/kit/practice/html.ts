/** The pages of a practice log-in: plain HTML and CSS, no script, nothing from elsewhere. */
import { createHash } from 'node:crypto';
import type { PracticeReply } from './routes.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(24rem, 92vw); }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
.note { margin: 0 0 1.25rem; padding: .5rem .75rem; border: 1px dashed currentColor; border-radius: .4rem; font-size: .85rem; }
.error { margin: 0 0 1rem; padding: .5rem .75rem; border-left: .25rem solid #c92a2a; }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; font: inherit; padding: .5rem; border: 1px solid GrayText; border-radius: .3rem; }
button { font: inherit; padding: .5rem 1.1rem; margin: 1.25rem .5rem 0 0; border-radius: .3rem; border: 1px solid #1c5fb8; background: #1c5fb8; color: #fff; cursor: pointer; }
button.plain { background: transparent; color: inherit; border-color: GrayText; }
button.small { margin: 0; padding: .25rem .6rem; font-size: .85rem; white-space: nowrap; }
table { border-collapse: collapse; font-size: .85rem; margin-top: 2rem; width: 100%; }
caption { text-align: left; font-weight: 600; padding-bottom: .25rem; }
td, th { text-align: left; padding: .15rem .5rem .15rem 0; }
code { font: .85rem ui-monospace, monospace; }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export interface PageOptions {
  readonly systemName: string;
  readonly title: string;
  /** HTML; every value in it already escaped. */
  readonly content: string;
  readonly status?: number | undefined;
  readonly cookie?: string | undefined;
  /** Where a form on this page may lead in the end, besides this server: the origin or scheme of the redirect. */
  readonly formTarget?: string | undefined;
}

/** One page under a policy that allows its own style and its own forms, nothing else. */
export function page(options: PageOptions): PracticeReply {
  const { systemName, title, content } = options;
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} | Practice ${escapeHtml(systemName)}</title><style>${STYLE}</style></head>
<body><main>
<h1>${escapeHtml(title)}</h1>
<p class="note">Practice server on this computer. This is not the real ${escapeHtml(systemName)}, and nothing here leaves the machine.</p>
${content}
</main></body></html>`;
  const formAction = `'self'${options.formTarget === undefined ? '' : ` ${options.formTarget}`}`;
  return {
    status: options.status ?? 200,
    html,
    headers: {
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`,
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      ...(options.cookie === undefined ? {} : { 'set-cookie': options.cookie }),
    },
  };
}

export function hidden(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('');
}

export function errorNote(message: string | null): string {
  return message === null ? '' : `<p class="error" role="alert">${escapeHtml(message)}</p>`;
}
