/** What a person does on the pages of a practice system: log in, allow. Over plain HTTP, without a browser. */
export type Person = 'dana' | 'lee' | 'robin';

function hiddenFields(html: string): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g))
    fields.set(name, value);
  return fields;
}

/** @returns the address that the browser is sent to at the end @throws Error with what the page says instead */
export async function walkThroughLogIn(startUrl: string, person: Person): Promise<string> {
  const origin = new URL(startUrl).origin;
  const opened = await fetch(startUrl, { redirect: 'manual' });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const post = (path: string, form: URLSearchParams): Promise<Response> =>
    fetch(`${origin}${path}`, { method: 'POST', body: form, headers: { cookie }, redirect: 'manual' });
  const logIn = hiddenFields(await opened.text());
  logIn.set('login', `${person}@acme.example`);
  logIn.set('password', `practice-${person}-1`);
  const consentPage = await (await post('/practice/log-in', logIn)).text();
  const consent = hiddenFields(consentPage);
  consent.set('decision', 'allow');
  const answer = await post('/practice/consent', consent);
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`The log-in of ${person} did not end: ${consentPage.slice(0, 300)}`);
  return location;
}
