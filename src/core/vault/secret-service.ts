/**
 * Waits for the secret service (GNOME Keyring, KeePassXC and others) where waiting does not block: Electron's safeStorage asks it
 * on main's own thread, and a keyring that asks a person first takes as long as that person.
 * https://specifications.freedesktop.org/secret-service/latest/
 */
import { Bus, type Call, DRIVER, sessionBus } from './dbus.ts';
import { type Message, SIGNAL, type Value } from './dbus-messages.ts';

const NAME = 'org.freedesktop.secrets';
const SERVICE = '/org/freedesktop/secrets';
const COLLECTION = 'org.freedesktop.Secret.Collection';
const PROMPT = 'org.freedesktop.Secret.Prompt';
const NONE = '/';

/** `ready`: safeStorage answers at once. `absent`: the service does not work. `locked`: the person has not unlocked it. */
export type KeyringReadiness = 'ready' | 'absent' | 'locked';

/** Desktops on which Chromium takes the secret service: components/os_crypt/sync/key_storage_util_linux.cc */
const DESKTOPS = /\b(gnome|unity|cinnamon|x-cinnamon|pantheon|xfce|ukui|deepin)\b/i;
const STORES = ['gnome', 'gnome-keyring', 'gnome-libsecret'];

/** @param passwordStore the value of Chromium's switch "password-store"; empty when it is not set */
function usesSecretService(passwordStore: string, env: NodeJS.ProcessEnv): boolean {
  if (passwordStore !== '') return STORES.includes(passwordStore);
  return DESKTOPS.test(`${env.XDG_CURRENT_DESKTOP ?? ''} ${env.DESKTOP_SESSION ?? ''}`);
}

/**
 * What to wait for before safeStorage is called.
 * @param isAsync whether safeStorage has asynchronous calls, which never block main
 */
export function keyringGate(
  isAsync: boolean,
  passwordStore: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): () => Promise<KeyringReadiness> {
  if (isAsync || platform !== 'linux' || !usesSecretService(passwordStore, env)) return () => Promise.resolve('ready');
  return () => secretServiceReady(env);
}

/** Waits, without a limit, until the default collection is there and unlocked; asks the person for it where that is needed. */
export async function secretServiceReady(env: NodeJS.ProcessEnv): Promise<KeyringReadiness> {
  const path = sessionBus(env);
  if (path === null) return 'ready';
  let bus: Bus;
  try {
    bus = await Bus.connect(path);
  } catch (error) {
    // Without a bus safeStorage finds nobody to wait for.
    if (error instanceof Error) return 'ready';
    throw error;
  }
  try {
    return await readiness(bus);
  } catch (error) {
    // It has crashed, cannot be started, or does not know what every secret service knows.
    if (error instanceof Error) return 'absent';
    throw error;
  } finally {
    bus.close();
  }
}

async function readiness(bus: Bus): Promise<KeyringReadiness> {
  const [hasOwner] = await bus.call({ ...DRIVER, member: 'NameHasOwner', signature: 's', body: [NAME] });
  if (hasOwner !== true) {
    const [names] = await bus.call({ ...DRIVER, member: 'ListActivatableNames' });
    if (!Array.isArray(names) || !names.includes(NAME)) return 'ready';
    await bus.call({ ...DRIVER, member: 'StartServiceByName', signature: 'su', body: [NAME, 0] });
  }
  const [collection] = await bus.call(service('ReadAlias', 's', ['default']));
  if (collection === undefined || collection === NONE) {
    const label: Value = [[`${COLLECTION}.Label`, 'Default keyring']];
    const [made, prompt] = await bus.call(service('CreateCollection', 'a{sv}s', [label, 'default']));
    return made === NONE ? ask(bus, String(prompt)) : 'ready';
  }
  if (!(await isLocked(bus, String(collection)))) return 'ready';
  const [, prompt] = await bus.call(service('Unlock', 'ao', [[collection]]));
  return prompt === NONE ? 'ready' : ask(bus, String(prompt));
}

function service(member: string, signature: string, body: readonly Value[]): Call {
  return { destination: NAME, path: SERVICE, interface: 'org.freedesktop.Secret.Service', member, signature, body };
}

async function isLocked(bus: Bus, path: string): Promise<boolean> {
  const [locked] = await bus.call({
    destination: NAME,
    path,
    interface: 'org.freedesktop.DBus.Properties',
    member: 'Get',
    signature: 'ss',
    body: [COLLECTION, 'Locked'],
  });
  return locked === true;
}

/** Shows the keyring's own question and waits for the answer to it, or for the end of the keyring. */
async function ask(bus: Bus, path: string): Promise<KeyringReadiness> {
  const answered = new Promise<KeyringReadiness>((resolve) => {
    bus.onMessage((message) => {
      if (message === null || hasLeft(message)) resolve('absent');
      else if (message.type === SIGNAL && message.path === path && message.member === 'Completed')
        resolve(message.body[0] === true ? 'locked' : 'ready');
    });
  });
  const rules = [
    `type='signal',interface='${PROMPT}',path='${path}'`,
    `type='signal',interface='${DRIVER.interface}',member='NameOwnerChanged',arg0='${NAME}'`,
  ];
  for (const rule of rules) await bus.call({ ...DRIVER, member: 'AddMatch', signature: 's', body: [rule] });
  await bus.call({ destination: NAME, path, interface: PROMPT, member: 'Prompt', signature: 's', body: [''] });
  return answered;
}

/** The secret service has ended; its question went with it. */
function hasLeft({ type, member, body }: Message): boolean {
  return type === SIGNAL && member === 'NameOwnerChanged' && body[0] === NAME && body[2] === '';
}
