/**
 * What a start may be given. Chromium knows some thousand switches, and many open a door: a debugging port through which any
 * program of the machine makes every call, a log of all network traffic, another proxy, a page without its sandbox. So a package
 * takes the few that a person needs, and ends at once for any other, before a window, a port or a file of the profile is opened.
 */
const ALLOWED: ReadonlySet<string> = new Set([
  // Where the profile is.
  'user-data-dir',
  // Which keyring holds the key of the vault: https://www.electronjs.org/docs/latest/api/safe-storage
  'password-store',
  // How the window is drawn on this machine.
  'ozone-platform',
  'ozone-platform-hint',
  'enable-wayland-ime',
  'disable-gpu',
  'disable-dev-shm-usage',
  'force-device-scale-factor',
  'force-high-contrast',
  'lang',
  // Said by Squirrel on Windows: https://www.electronjs.org/docs/latest/tutorial/installation
  'squirrel-firstrun',
]);
/** The number of the process, by which macOS starts an app that came from the internet. */
const MAC_PROCESS_NUMBER = /^psn_\d+_\d+$/;
/** Playwright's own, for packages whose inspector fuse is open: who has the inspector needs no other door. */
const WITH_INSPECTOR: ReadonlySet<string> = new Set(['inspect', 'inspect-brk', 'remote-debugging-port']);

/**
 * Longest all arguments of a start may be together, bytes. Chromium sends them to the instance that runs, with the folder of the
 * start (up to 4 kB), over a socket that takes 32 kB; a longer message is never answered, and the instance is killed as one that hangs:
 * https://source.chromium.org/chromium/chromium/src/+/main:chrome/browser/process_singleton_posix.cc (kMaxMessageLength)
 */
export const MOST_ARGUMENT_BYTES = 16_384;

export interface StartPlace {
  readonly isPackaged: boolean;
  readonly platform: NodeJS.Platform;
  /** Chromium does not start for root with its sandbox. */
  readonly isRoot: boolean;
  /** Node's inspector listens, which takes a package whose fuse for it is open. */
  readonly hasInspector: boolean;
}

/**
 * Judges what a start was given, without the program itself.
 * @returns a sentence on why it must end, or null
 */
export function refuseArguments(given: readonly string[], place: StartPlace): string | null {
  const bytes = given.reduce((sum, one) => sum + Buffer.byteLength(one) + 1, 0);
  if (bytes > MOST_ARGUMENT_BYTES)
    return `Patchbay was started with ${bytes} bytes of arguments and takes at most ${MOST_ARGUMENT_BYTES}.`;
  if (!place.isPackaged) return null;
  const refused = switchesIn(given, place.platform).find((name) => !isAllowed(name, place));
  return refused === undefined
    ? null
    : `Patchbay does not start with --${shown(refused)}. It takes only ${[...ALLOWED].map((name) => `--${name}`).join(', ')}.`;
}

/** Names of switches as Chromium reads them: one dash or two (on Windows also a slash, and in any case), until a bare "--". */
function switchesIn(given: readonly string[], platform: NodeJS.Platform): string[] {
  const isWindows = platform === 'win32';
  const prefix = isWindows ? /^(?:--|-|\/)/ : /^(?:--|-)/;
  const trimmed = given.map((one) => one.trim());
  const end = trimmed.indexOf('--');
  const names = (end === -1 ? trimmed : trimmed.slice(0, end)).flatMap((one) => {
    if (!prefix.test(one) || one === '-') return [];
    const [name = ''] = one.replace(prefix, '').split('=');
    return name === '' ? [] : [isWindows ? name.toLowerCase() : name];
  });
  return names;
}

function isAllowed(name: string, { platform, isRoot, hasInspector }: StartPlace): boolean {
  if (ALLOWED.has(name)) return true;
  if (name === 'no-sandbox') return isRoot;
  if (hasInspector && WITH_INSPECTOR.has(name)) return true;
  return platform === 'darwin' && MAC_PROCESS_NUMBER.test(name);
}

/** It goes to a terminal. */
function shown(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, 60);
}
