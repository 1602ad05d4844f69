// The first step of every script: a Node that is new enough.
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Machine, makeMachine, type Outcome } from './machine.ts';

const platform = `${process.platform}-${process.arch}`;
const name = `node-${platform}`;
const version = '24.21.0';
const old = { nodeVersion: '20.11.1' };
const setUp = ['scripts/setup.mjs', '--retry-official'];

// A shell script stands for Node: what set-up does with it is the same.
describe.skipIf(process.platform !== 'linux')(
  'Node that is too old (Linux only: a shell script stands for Node)',
  () => {
    let machine: Machine;

    beforeEach(async () => {
      machine = await makeMachine();
      const integrity = machine.registry.offer(name, version, {
        'bin/node': '#!/bin/sh\necho "pinned: $*"\nexit 7\n',
        'include/node/node_version.h': '',
      });
      machine.edit(
        'lib/node-runtime.mjs',
        new RegExp(`'${platform}': 'sha512-[^']+'`),
        `'${platform}': '${integrity}'`,
      );
    });
    afterEach(() => machine.remove());

    const pinned = (): string => path.join(machine.cache, `node-${platform}-${version}`);

    function expectRan(outcome: Outcome): void {
      const script = path.join(machine.project, 'scripts', 'setup.mjs');
      expect(outcome).toMatchObject({ code: 7, stdout: `pinned: ${script} --retry-official\n` });
    }

    test('is replaced by the pinned one, fetched once, which runs the same command and gives the exit code', async () => {
      const first = await machine.run(setUp, old);
      expectRan(first);
      expect(first.stderr).toContain(`Getting Node ${version} (this one is 20.11.1)`);
      expect(machine.registry.downloads()).toBe(1);
      const requests = machine.registry.requests.length;
      expectRan(await machine.run(setUp, old));
      expect(machine.registry.requests.length).toBe(requests);
    });

    test('two set-ups at once fetch it once', async () => {
      const both = await Promise.all([machine.run(setUp, old), machine.run(setUp, old)]);
      both.forEach(expectRan);
      expect(machine.registry.downloads()).toBe(1);
    });

    test('a package that is not the expected one is refused, and nothing of it stays', async () => {
      machine.registry.offer(name, version, { 'bin/node': '#!/bin/sh\necho "somebody else"\n' });
      const { code, stdout, stderr } = await machine.run(setUp, old);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`Failed: ${name}@${version} is not the file this project was made with (found sha512-`);
      expect(stderr).toContain('Next:   Do not use it. Tell the maintainers');
      expect(fs.existsSync(pinned())).toBe(false);
      expect(fs.readdirSync(path.join(machine.cache, 'tmp'))).toEqual([]);
      expect(fs.readdirSync(path.join(machine.cache, 'locks'))).toEqual([]);
    });

    test('a registry without it is told, with what to do', async () => {
      const env = { npm_config_registry: 'http://127.0.0.1:9/' };
      const { code, stderr } = await machine.run(setUp, { ...old, env });
      expect(code).toBe(1);
      expect(stderr).toContain(`Failed: ${name}@${version} did not come from the npm registry.`);
      expect(stderr).toContain(
        'Next:   Check the connection and `npm config get registry`, then run the same command again.',
      );
      expectRan(await machine.run(setUp, old));
    });

    test('a set-up killed in the download leaves nothing half done, and the next one goes on at once', async () => {
      const begun = new Promise<void>((resolve) => {
        machine.registry.onDownload = resolve;
      });
      const { child, ended } = machine.start(setUp, old);
      await begun;
      child.kill('SIGKILL');
      await ended;
      expect(fs.existsSync(pinned())).toBe(false);
      expect(fs.readdirSync(path.join(machine.cache, 'locks'))).toHaveLength(1);
      machine.registry.onDownload = null;
      expectRan(await machine.run(setUp, old));
    });
  },
);
