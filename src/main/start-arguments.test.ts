import { describe, expect, it } from 'vitest';
import { MOST_ARGUMENT_BYTES, refuseArguments, type StartPlace } from './start-arguments.ts';

const PACKAGE: StartPlace = { isPackaged: true, platform: 'linux', isRoot: false, hasInspector: false };
const refuse = (given: readonly string[], change: Partial<StartPlace> = {}): string | null =>
  refuseArguments(given, { ...PACKAGE, ...change });

describe('a package', () => {
  it.each([
    'remote-debugging-port=9222',
    'remote-debugging-pipe',
    'remote-debugging-address=0.0.0.0',
    'remote-allow-origins=*',
    'inspect',
    'inspect-brk=0',
    'js-flags=--allow-natives-syntax',
    'log-net-log=/tmp/net.json',
    'ssl-key-log-file=/tmp/keys',
    'enable-logging',
    'log-file=/tmp/x',
    'load-extension=/tmp/x',
    'proxy-server=evil.example:80',
    'proxy-pac-url=http://evil.example/',
    'host-resolver-rules=MAP * evil.example',
    'host-rules=MAP * evil.example',
    'ignore-certificate-errors',
    'ignore-certificate-errors-spki-list=x',
    'disable-web-security',
    'allow-running-insecure-content',
    'no-sandbox',
    'disable-setuid-sandbox',
    'disable-seccomp-filter-sandbox',
    'no-zygote',
    'single-process',
    'renderer-cmd-prefix=gdb',
    'gpu-launcher=gdb',
    'utility-cmd-prefix=gdb',
    'ppapi-plugin-launcher=gdb',
    'disable-site-isolation-trials',
    'enable-blink-features=WebUSB',
    'enable-features=X',
    'app=/tmp/x',
    'a-switch-of-tomorrow',
  ])('does not start with --%s', (text) => {
    const [name] = text.split('=');
    for (const dashes of ['--', '-', ' --'])
      expect(refuse(['--disable-gpu', `${dashes}${text}`])).toContain(`does not start with --${name}. `);
  });

  it('starts with what a person needs', () => {
    expect(refuse([])).toBeNull();
    expect(
      refuse(['--user-data-dir=/home/dana/profile', '--password-store=basic', '--ozone-platform=wayland']),
    ).toBeNull();
    expect(refuse(['patchbay://app', '/etc/passwd', '-', '', '--'])).toBeNull();
    // After a bare "--" Chromium reads no switches.
    expect(refuse(['--', '--remote-debugging-port=0'])).toBeNull();
    expect(refuse(['--squirrel-firstrun'], { platform: 'win32' })).toBeNull();
    expect(refuse(['-psn_0_12345'], { platform: 'darwin' })).toBeNull();
    expect(refuse(['-psn_0_12345'])).not.toBeNull();
  });

  it('reads switches as Windows does: with a slash, in any case', () => {
    for (const given of ['/remote-debugging-port=9222', '--Remote-Debugging-Port=9222'])
      expect(refuse([given], { platform: 'win32' })).toContain('--remote-debugging-port');
    expect(refuse(['/remote-debugging-port'])).toBeNull();
  });

  it('goes without its sandbox for root alone, where Chromium has none', () => {
    expect(refuse(['--no-sandbox'], { isRoot: true })).toBeNull();
  });

  it('lets the driver of its tests in only where the inspector is open', () => {
    const driven = ['--inspect=0', '--remote-debugging-port=0'];
    expect(refuse(driven, { hasInspector: true })).toBeNull();
    expect(refuse(driven)).not.toBeNull();
    expect(refuse([...driven, '--log-net-log=x'], { hasInspector: true })).not.toBeNull();
  });

  it('writes nothing of a switch’s value, and no control characters of its name', () => {
    const said = refuse(['--x\u001b[2J=secret']) ?? '';
    expect(said).toContain('--x??2J. ');
    expect(said).not.toContain('secret');
  });
});

describe('a start', () => {
  it('takes as many arguments as the instance that runs can be told', () => {
    for (const isPackaged of [true, false]) {
      expect(refuse(['a'.repeat(MOST_ARGUMENT_BYTES - 1)], { isPackaged })).toBeNull();
      expect(refuse(['a'.repeat(MOST_ARGUMENT_BYTES)], { isPackaged })).toContain('at most 16384');
      expect(refuse(['€'.repeat(MOST_ARGUMENT_BYTES / 2)], { isPackaged })).toContain('at most 16384');
      expect(
        refuse(
          Array.from({ length: 9000 }, () => 'x'),
          { isPackaged },
        ),
      ).toContain('at most 16384');
    }
  });

  it('of a development build takes any switch', () => {
    expect(refuse(['--remote-debugging-port=0'], { isPackaged: false })).toBeNull();
  });
});
