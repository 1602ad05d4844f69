import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { aConnection, aTenant } from '../../store/testing/records.ts';
import { atPresentAddress } from './practice-addresses.ts';
import { PracticeHost, type PracticeProcess, type PracticeSystem } from './practice-host.ts';

const samples = { fields: {}, secrets: {}, authMethodId: 'oauth', users: [], apiBaseUrl: 'http://127.0.0.1:42900' };
const announcement = { practice: [{ connector: 'salesforce', baseUrl: 'http://127.0.0.1:42900', samples }] };

/** A process that says this on its output. */
function saying(text: string, thenExit = false): () => PracticeProcess {
  const code = `process.stdout.write(${JSON.stringify(text)}); ${thenExit ? 'process.exit(7)' : 'setInterval(() => 0, 1000)'}`;
  return () => spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('the practice servers', () => {
  it('are started once for everybody, and heard of before anybody uses them', async () => {
    const heard: string[] = [];
    let starts = 0;
    const start = saying(`${JSON.stringify(announcement)}\n`);
    const host = new PracticeHost(
      () => {
        starts += 1;
        return start();
      },
      42_900,
      (systems) => heard.push(...systems.map(({ baseUrl }) => baseUrl)),
    );
    const [first, second] = await Promise.all([host.systems(), host.systems()]);
    expect(first).toBe(second);
    expect([starts, heard]).toEqual([1, ['http://127.0.0.1:42900']]);
    host.stop();
  });

  it('say why they do not start, and are tried again at the next call', async () => {
    const starts = [saying('', true), saying(`${JSON.stringify(announcement)}\n`)];
    const host = new PracticeHost(
      () => (starts.shift() as () => PracticeProcess)(),
      42_900,
      () => undefined,
    );
    await expect(host.systems()).rejects.toThrow('The practice servers stopped at start (code 7)');
    expect((await host.systems()).map(({ connector }: PracticeSystem) => connector)).toEqual(['salesforce']);
    host.stop();
  });
});

describe('a command to the practice servers', () => {
  /** Announces itself, and answers each command with the systems that knew it. */
  function obeying(onCommand: (command: unknown) => string[]): () => PracticeProcess {
    const start = saying(`${JSON.stringify(announcement)}\n`);
    return () => {
      const child = start();
      let answer: (message: unknown) => void = () => undefined;
      return {
        stdout: child.stdout,
        kill: () => child.kill(),
        once: (event, listener) => child.once(event, listener),
        onMessage: (listener) => {
          answer = listener;
        },
        post: (message) => {
          const { requestId, command } = message as { requestId: number; command: unknown };
          setImmediate(() => answer({ requestId, systems: onCommand(command) }));
        },
      };
    };
  }

  it('starts them where needed, and answers which systems knew it, also of two at once', async () => {
    const host = new PracticeHost(
      obeying((command) => (command === 'deactivate' ? ['zendesk'] : [])),
      42_900,
      () => undefined,
    );
    expect(await Promise.all([host.command('deactivate'), host.command('unheard of')])).toEqual([['zendesk'], []]);
    host.stop();
  });

  it('is refused where the servers take none', async () => {
    const host = new PracticeHost(saying(`${JSON.stringify(announcement)}\n`), 42_900, () => undefined);
    await expect(host.command('deactivate')).rejects.toMatchObject({ code: 'unreachable' });
    host.stop();
  });
});

describe('a connection of a practice system that moved', () => {
  const before = { salesforce: 'http://127.0.0.1:42900' };
  const now = { salesforce: 'http://127.0.0.1:53412', zendesk: 'http://127.0.0.1:42904' };
  const connection = aConnection(aTenant().id, {
    connectorId: 'salesforce' as never,
    overrides: {
      apiBaseUrl: 'http://127.0.0.1:42900',
      loginBaseUrl: 'http://127.0.0.1:42900/login',
      allowPrivateNetwork: true,
    },
    learned: { instanceUrl: 'http://127.0.0.1:42900', orgId: '00D' },
  });

  it('follows it with its overrides and what was learnt', () => {
    expect(atPresentAddress(connection, before, now)).toEqual({
      ...connection,
      overrides: {
        apiBaseUrl: 'http://127.0.0.1:53412',
        loginBaseUrl: 'http://127.0.0.1:53412/login',
        allowPrivateNetwork: true,
      },
      learned: { instanceUrl: 'http://127.0.0.1:53412', orgId: '00D' },
    });
  });

  it('is left alone when it points elsewhere, or nothing moved', () => {
    const elsewhere = {
      ...connection,
      overrides: { apiBaseUrl: 'http://127.0.0.1:429001', allowPrivateNetwork: true },
      learned: {},
    };
    expect(atPresentAddress(elsewhere, before, now)).toBeNull();
    expect(atPresentAddress(connection, before, before)).toBeNull();
    expect(atPresentAddress(connection, {}, now)).toBeNull();
  });
});
