// Texts that are markup, scripts or requests wherever text is taken for HTML. Each leaves an element with `data-hit`, sets
// `window.hit`, or asks for an address outside.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, type Page } from '@playwright/test';

const OUTSIDE = 'http://203.0.113.9/hit';
const BODIES = [
  '<img data-hit src=x onerror="window.hit=1">',
  '<svg data-hit onload="window.hit=1">',
  '<script data-hit>window.hit=1</script>',
  `<iframe data-hit src="${OUTSIDE}"></iframe>`,
  `<img data-hit src="${OUTSIDE}">`,
  `<link data-hit rel=stylesheet href="${OUTSIDE}">`,
  `<style data-hit>@import "${OUTSIDE}";</style>`,
  `<a data-hit href="javascript:window.hit=1">x</a>`,
  `<form data-hit action="${OUTSIDE}"><input autofocus onfocus="this.form.submit()">`,
  `<meta data-hit http-equiv=refresh content="0;url=${OUTSIDE}">`,
  `<object data-hit data="${OUTSIDE}"></object>`,
  `<video data-hit><source onerror="window.hit=1" src=x>`,
  `<details data-hit open ontoggle="window.hit=1">`,
  '<div data-hit style="position:fixed;inset:0;background:red">',
  `![data-hit](${OUTSIDE})`,
];
const AROUND: readonly ((body: string) => string)[] = [
  (body) => body,
  (body) => `">${body}`,
  (body) => `'>${body}`,
  (body) => `--></textarea></title></style></script>${body}`,
  (body) => `<![CDATA[${body}]]>`,
  (body) => `<bdi>${body}</bdi>`,
  (body) => body.toUpperCase().replaceAll('DATA-HIT', 'data-hit'),
  (body) => `\u202e${body}`,
  (body) => body.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (body) => `{{constructor.constructor('window.hit=1')()}}${body}`,
  (body) => `\${window.hit=1}${body}`,
  (body) => body.replaceAll(' ', '/'),
  (body) => body.replaceAll(' ', '\n'),
  (body) => `<<${body}`,
  (body) => `<p title="${body}`,
  (body) => `</td></tr></table>${body}`,
  (body) => `\u0001${body}`,
  (body) => `%3Cscript%3E${body}`,
  (body) => `<math><mtext><table><mglyph><style><!--</style>${body}`,
  (body) => `${body}${'A'.repeat(400)}`,
];
export const MARKUP = AROUND.flatMap((around) => BODIES.map(around));

/** Answers as Salesforce does, with a markup text in each field of 300 records; what is no query is passed on. */
export async function answerWithMarkup(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', target);
  const fields = /SELECT (.+) FROM /.exec(url.searchParams.get('q') ?? '')?.[1]?.split(',');
  response.setHeader('content-type', 'application/json');
  if (fields === undefined) {
    const headers = { authorization: request.headers.authorization ?? '' };
    const answer = await fetch(url, { method: request.method, headers });
    return void response.writeHead(answer.status).end(await answer.text());
  }
  const records = MARKUP.map((text, at) => ({
    attributes: { type: 'Account' },
    ...Object.fromEntries(fields.map((field) => [field.trim(), text])),
    // Every other one has numbers and dates that are such: the others are rejected, with their key and the reason shown.
    ...(at % 2 === 0 ? { SystemModstamp: '2026-02-03T04:05:06.000Z', NumberOfEmployees: at, AnnualRevenue: at } : {}),
    Id: `${String(at).padStart(4, '0')}${text}`,
  }));
  response.end(JSON.stringify({ totalSize: records.length, done: true, records }));
}

/** Nothing of it became an element, and nothing ran. */
export async function expectNothingTaken(page: Page): Promise<void> {
  const taken = await page.evaluate(() => ({
    elements: document.querySelectorAll('[data-hit], [data-HIT]').length,
    hasRun: 'hit' in window,
  }));
  expect(taken).toEqual({ elements: 0, hasRun: false });
}
