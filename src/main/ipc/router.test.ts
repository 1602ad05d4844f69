import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { CALLS, type CallName } from '../../shared/ipc/channels.ts';

type Listener = (event: unknown, text: unknown) => Promise<string>;
const registered = vi.hoisted(() => new Map<string, Listener>());
// The platform, not our code: outside Electron its module is only the path of a program.
vi.mock('electron', () => ({
  app: {},
  BrowserWindow: class {},
  nativeTheme: {},
  protocol: {},
  ipcMain: {
    handle: (name: string, listener: Listener) => {
      if (registered.has(name)) throw new Error(`Attempted to register a second handler for '${name}'`);
      registered.set(name, listener);
    },
  },
}));
const { answer, MAX_INPUT_CHARS, parseInput, registerCalls } = await import('./router.ts');
type Handlers = import('./router.ts').Handlers;

const unexpected: [CallName, unknown][] = [];
const ports = {
  onUnexpected: (call: CallName, error: unknown) => void unexpected.push([call, error]),
  onRefusedSender: (call: CallName) => void refusedSenders.push(call),
  guard: () => undefined,
};
const refusedSenders: CallName[] = [];
beforeEach(() => {
  unexpected.length = 0;
  refusedSenders.length = 0;
});

const handlers = (some: Partial<Handlers>): Handlers => some as Handlers;
const nothing = { lines: [] };
const INPUT = '{"id":"abcdefgh"}';

describe('the input of a call', () => {
  it('is what its contract says', () => {
    expect(parseInput('data.exportCsv', '{"jobId":"abcdefgh","search":"x"}')).toEqual({
      jobId: 'abcdefgh',
      search: 'x',
      sort: null,
    });
  });

  it.each([
    ['no text', 7, 'The call must carry JSON text.'],
    ['nothing', undefined, 'The call must carry JSON text.'],
    ['an object', { id: 'abcdefgh' }, 'The call must carry JSON text.'],
    ['no JSON', '{', 'The call does not carry valid JSON.'],
    ['too much', `"${'x'.repeat(MAX_INPUT_CHARS)}"`, 'The input is too long.'],
    ['too deep a nest', '['.repeat(40) + ']'.repeat(40), 'The input is nested too deeply.'],
    ['a deep nest of objects', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'The input is nested too deeply.'],
    ['a prototype', '{"__proto__":{"polluted":true}}', 'The call does not carry valid JSON.'],
    ['a prototype deep inside', '{"a":[{"b":{"__proto__":{"polluted":true}}}]}', 'The call does not carry valid JSON.'],
    ['a constructor', '{"constructor":{"prototype":{"polluted":true}}}', 'The call does not carry valid JSON.'],
  ])('is refused when it is %s', (_what, text, message) => {
    expect(() => parseInput('app.info', text)).toThrow(expect.objectContaining({ code: 'invalid_input', message }));
    expect('polluted' in {}).toBe(false);
  });

  it('is refused with the field that is wrong', () => {
    expect(() => parseInput('data.exportCsv', '{"jobId":"abcdefgh","search":7}')).toThrow(
      expect.objectContaining({ code: 'invalid_input', field: 'search' }),
    );
  });

  it('is refused with a key too many, on every call', () => {
    for (const name of CALLS)
      expect(() => parseInput(name, '{"surplus":1}'), name).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  it('is refused nested 100,000 deep without exhausting the stack', () => {
    const text = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(() => parseInput('app.info', text)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});

describe('the answer to a call', () => {
  it('is what the handler gives', async () => {
    const text = await answer('activity.log', INPUT, handlers({ 'activity.log': async () => nothing }), ports);
    expect(JSON.parse(text)).toEqual({ ok: true, value: nothing });
  });

  it('is the refusal of a service, field and details included', async () => {
    const refuse = (): never => {
      throw new AppError('conflict', 'Taken.', { field: 'name', details: { name: 'Acme' } });
    };
    const text = await answer('activity.log', INPUT, handlers({ 'activity.log': refuse }), ports);
    expect(JSON.parse(text).error).toEqual({
      code: 'conflict',
      message: 'Taken.',
      field: 'name',
      details: { name: 'Acme' },
    });
    expect(unexpected).toEqual([]);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('SELECT secret FROM vault failed at /home/me'))],
    ['throws no error', () => Promise.reject('a string with /home/me')],
    ['answers what the contract does not allow', async () => ({ ...nothing, secret: 'canary' })],
    ['answers nothing', async () => undefined],
  ])('says nothing of the inside when a handler %s, and the log is told', async (_how, handler) => {
    const text = await answer(
      'activity.log',
      INPUT,
      handlers({ 'activity.log': handler as Handlers['activity.log'] }),
      ports,
    );
    expect(JSON.parse(text).error.code).toBe('internal');
    expect(text).not.toMatch(/SELECT|home|canary/);
    expect(unexpected.map(([call]) => call)).toEqual(['activity.log']);
  });

  it('is the guard’s refusal, and the handler is not asked', async () => {
    const guard = (call: CallName, input: unknown): never => {
      throw new AppError('not_found', `${call} ${JSON.stringify(input)}`);
    };
    let isAsked = false;
    const log = () => {
      isAsked = true;
      return nothing;
    };
    const text = await answer('activity.log', INPUT, handlers({ 'activity.log': log }), { ...ports, guard });
    expect(JSON.parse(text).error).toEqual({ code: 'not_found', message: `activity.log ${INPUT}` });
    expect(isAsked).toBe(false);
  });

  it('is a refusal, not a rejection, for a call that nobody handles', async () => {
    expect(JSON.parse(await answer('activity.log', INPUT, handlers({}), ports)).error.code).toBe('internal');
  });
});

describe('registered calls', () => {
  it('are all of the contract, each once, and refuse whoever is not the app’s window', async () => {
    let called = 0;
    const count = () => {
      called += 1;
      return nothing;
    };
    registerCalls(new Proxy(handlers({}), { get: () => count }), ports);
    expect([...registered.keys()]).toEqual([...CALLS]);
    const senders = [
      { sender: { id: 99 }, senderFrame: null },
      { sender: { id: 99 }, senderFrame: undefined },
      { sender: { id: 99 }, senderFrame: { parent: null, url: 'patchbay://app/index.html' } },
    ];
    for (const event of senders)
      for (const [name, listener] of registered)
        expect(JSON.parse(await listener(event, '{}')).error.code, name).toBe('refused_sender');
    expect(called).toBe(0);
    expect(refusedSenders).toHaveLength(senders.length * CALLS.length);
    expect(() => registerCalls(handlers({}), ports)).toThrow('second handler');
  });
});
