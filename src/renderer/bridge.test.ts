import { afterEach, expect, it } from 'vitest';
import { AppError } from '../shared/app-error.ts';
import { calls, events, toAppError } from './bridge.ts';

/** A `window` whose one call and one event are these. */
function bridgeOf(answer: (json: string) => string) {
  const listeners = new Set<(json: string) => void>();
  const changed = (listener: (json: string) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  Object.assign(globalThis, {
    window: {
      patchbay: { calls: { vault: { unlock: async (json: string) => answer(json) } }, events: { vault: { changed } } },
    },
  });
  return listeners;
}

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'window');
});

it('sends JSON and gives back the value', async () => {
  let sent = '';
  bridgeOf((json) => {
    sent = json;
    return JSON.stringify({ ok: true, value: { state: 'unlocked' } });
  });
  await expect(calls.vault.unlock({ passphrase: 'x' })).resolves.toEqual({ state: 'unlocked' });
  expect(JSON.parse(sent)).toEqual({ passphrase: 'x' });
});

it('throws what main refused, with its field', async () => {
  bridgeOf(() =>
    JSON.stringify({ ok: false, error: { code: 'wrong_passphrase', message: 'No.', field: 'passphrase' } }),
  );
  await expect(calls.vault.unlock({})).rejects.toMatchObject({
    name: 'AppError',
    code: 'wrong_passphrase',
    message: 'No.',
    field: 'passphrase',
  });
});

it('says so when the app lacks a call, instead of failing somewhere else', async () => {
  bridgeOf(() => '');
  await expect(calls.jobs.list({})).rejects.toThrow('The app has no call jobs.list. Restart Patchbay.');
});

it('hands events on until they are ended', () => {
  const listeners = bridgeOf(() => '');
  const seen: unknown[] = [];
  const end = events.vault.changed((vault) => seen.push(vault));
  for (const listener of listeners) listener('{"state":"locked"}');
  end();
  for (const listener of listeners) listener('{"state":"unlocked"}');
  expect(seen).toEqual([{ state: 'locked' }]);
});

it('makes an AppError of anything', () => {
  expect(toAppError(new AppError('busy', 'x')).code).toBe('busy');
  expect(toAppError('odd')).toMatchObject({ code: 'internal', message: 'Something unexpected happened.' });
});
