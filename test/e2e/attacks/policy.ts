// What a script in the page would do first, and which directive of the content security policy refuses it.

export const REFUSED_BY: Readonly<Record<string, readonly string[]>> = {
  'inline script': ['script-src-elem'],
  'inline handler': ['script-src-attr'],
  'foreign script': ['script-src-elem'],
  eval: ['script-src'],
  'new Function': ['script-src'],
  'text timer': ['script-src'],
  'data: import': ['script-src-elem'],
  'blob: worker': ['worker-src'],
  fetch: ['connect-src'],
  'file: fetch': ['connect-src'],
  beacon: ['connect-src'],
  'event source': ['connect-src'],
  'web socket': ['connect-src'],
  image: ['img-src'],
  'style without its nonce': ['style-src-elem'],
  'style attribute': ['style-src-attr'],
  'foreign sheet': ['style-src-elem'],
  frame: ['frame-src'],
  object: ['object-src'],
  media: ['media-src'],
  base: ['base-uri'],
  form: ['form-action'],
};

/** Runs in the page: each way out or in, and the directives that refused it. */
export async function tryEverything(foreignAddress: string): Promise<Record<string, string[]>> {
  const element = (tag: string, properties: Record<string, unknown>) => {
    const made = Object.assign(document.createElement(tag), properties);
    document.body.append(made);
    return made;
  };
  const owned = 'window.owned = true';
  const ways: Record<string, () => unknown> = {
    'inline script': () => element('script', { textContent: owned }),
    'inline handler': () => {
      const button = element('button', {});
      button.setAttribute('onclick', owned);
      button.click();
    },
    'foreign script': () => element('script', { src: foreignAddress }),
    // biome-ignore lint/security/noGlobalEval: it is what must not work
    eval: () => eval(owned),
    'new Function': () => new Function(owned)(),
    'text timer': () => setTimeout(owned, 0),
    'data: import': () => element('script', { type: 'module', src: `data:text/javascript,${owned}` }),
    'blob: worker': () => new Worker(URL.createObjectURL(new Blob(['1']))),
    fetch: () => fetch(foreignAddress).catch(() => undefined),
    'file: fetch': () => fetch('file:///etc/passwd').catch(() => undefined),
    beacon: () => navigator.sendBeacon(foreignAddress),
    'event source': () => new EventSource(foreignAddress),
    'web socket': () => new WebSocket(foreignAddress.replace('http', 'ws')),
    image: () => element('img', { src: foreignAddress }),
    'style without its nonce': () => element('style', { textContent: 'body { color: red }' }),
    'style attribute': () => element('p', {}).setAttribute('style', 'color: red'),
    'foreign sheet': () => element('link', { rel: 'stylesheet', href: foreignAddress }),
    frame: () => element('iframe', { src: foreignAddress }),
    object: () => element('object', { data: foreignAddress }),
    media: () => element('video', { src: foreignAddress }),
    base: () => element('base', { href: foreignAddress }),
    form: () => (element('form', { action: foreignAddress }) as HTMLFormElement).submit(),
  };
  const refused: Record<string, string[]> = {};
  for (const [name, attempt] of Object.entries(ways)) {
    const directives = new Set<string>();
    const hear = (event: SecurityPolicyViolationEvent): void => void directives.add(event.effectiveDirective);
    document.addEventListener('securitypolicyviolation', hear);
    // Later: what a debugger evaluates directly may use eval.
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        try {
          attempt();
        } catch (error) {
          if (!(error instanceof Error)) directives.add('not an error');
        }
        setTimeout(resolve, 60);
      }, 0);
    });
    document.removeEventListener('securitypolicyviolation', hear);
    refused[name] = [...directives];
  }
  return refused;
}
