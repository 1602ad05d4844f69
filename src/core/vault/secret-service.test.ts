// Waiting for a keyring over D-Bus, on a real one: main goes on meanwhile, whatever the keyring does.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Keyring, startKeyring } from '../../../test/support/keyring.ts';
import { type KeyringReadiness, keyringGate } from './secret-service.ts';

let keyring: Keyring;

beforeEach(async () => {
  keyring = await startKeyring();
});
afterEach(async () => {
  keyring.thaw();
  await keyring.stop();
});

const ready = (): Promise<KeyringReadiness> => keyringGate(false, 'gnome-libsecret', { ...keyring.env }, 'linux')();

/** Long enough for an answer of a keyring that gives one. */
async function isStillWaiting(answer: Promise<KeyringReadiness>): Promise<boolean> {
  const soon = new Promise<'waiting'>((resolve) => setTimeout(() => resolve('waiting'), 1_000));
  return (await Promise.race([answer, soon])) === 'waiting';
}

it('an open keyring is ready; one that nobody unlocks is locked; one that is not there is left to safeStorage', async () => {
  expect(await ready()).toBe('ready');
  keyring.lock();
  expect(await ready()).toBe('locked');
  await keyring.takeAway();
  expect(await ready()).toBe('ready');
  await keyring.bringBack();
  expect(await ready()).toBe('ready');
});

it('a keyring that hangs is waited for, and its answer counts when it comes', async () => {
  keyring.freeze();
  const answer = ready();
  expect(await isStillWaiting(answer)).toBe(true);
  keyring.thaw();
  expect(await answer).toBe('ready');
});

it('a keyring that crashes while it is waited for is absent', async () => {
  keyring.freeze();
  const answer = ready();
  expect(await isStillWaiting(answer)).toBe(true);
  await keyring.takeAway();
  expect(await answer).toBe('absent');
});

it('nobody is asked where Chromium would not ask either', async () => {
  keyring.freeze();
  const env = { ...keyring.env };
  expect(await keyringGate(false, 'basic', env, 'linux')()).toBe('ready');
  expect(await keyringGate(false, '', { ...env, XDG_CURRENT_DESKTOP: 'sway' }, 'linux')()).toBe('ready');
  expect(await keyringGate(true, 'gnome-libsecret', env, 'linux')()).toBe('ready');
  expect(await keyringGate(false, '', env, 'darwin')()).toBe('ready');
});
