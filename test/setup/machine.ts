// A machine and a checkout of a test's own: an empty home, a PATH with nothing but what set-up may count on, the project's real
// scripts, and a registry on loopback.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Registry, startRegistry } from './registry.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
}

interface RunOptions {
  /** What Node says its version is. */
  nodeVersion?: string;
  /** Who runs it; default: whoever runs the test. */
  userId?: number;
  env?: Readonly<Record<string, string>>;
}

export interface Machine {
  readonly folder: string;
  readonly project: string;
  /** ~/.cache/patchbay */
  readonly cache: string;
  readonly registry: Registry;
  /** Puts a program on PATH. */
  addProgram(name: string, shellScript: string): void;
  /** Writes a file of the checkout. */
  write(name: string, content: string): void;
  /** Changes the text of a script of this checkout, for example a hash that stands for a file of 100 MB. */
  edit(script: string, pattern: RegExp, replacement: string): void;
  start(args: readonly string[], options?: RunOptions): Run;
  run(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Runs code with the scripts' own handling of failures; `lib` is scripts/lib. */
  runCode(code: string, options?: RunOptions): Promise<Outcome>;
  remove(): Promise<void>;
}

export async function makeMachine(): Promise<Machine> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-setup-'));
  const [project, home, programs] = ['project', 'home', 'programs'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const name of [project, home, programs]) fs.mkdirSync(name);
  fs.cpSync(path.join(root, 'scripts'), path.join(project, 'scripts'), { recursive: true });
  const registry = await startRegistry(folder);
  const running = new Set<ChildProcess>();
  const machine: Machine = {
    folder,
    project,
    cache: path.join(home, '.cache', 'patchbay'),
    registry,
    addProgram: (name, shellScript) =>
      fs.writeFileSync(path.join(programs, name), `#!/bin/sh\n${shellScript}\n`, { mode: 0o755 }),
    write(name, content) {
      fs.mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
      fs.writeFileSync(path.join(project, name), content);
    },
    edit(script, pattern, replacement) {
      const file = path.join(project, 'scripts', script);
      const before = fs.readFileSync(file, 'utf8');
      if (!pattern.test(before)) throw new Error(`${script} has nothing like ${pattern}`);
      fs.writeFileSync(file, before.replace(pattern, replacement));
    },
    start(args, { nodeVersion, userId, env = {} } = {}) {
      const preload = path.join(folder, `as-${nodeVersion}-${userId}.mjs`);
      fs.writeFileSync(preload, pretending(nodeVersion, userId));
      const child = spawn(process.execPath, ['--import', preload, ...args], {
        cwd: project,
        env: { PATH: programs, HOME: home, DISPLAY: ':0', ...npmSettings(registry.url), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(child);
      return { child, ended: outcomeOf(child) };
    },
    run: (args, options) => machine.start(args, options).ended,
    runCode(code, options) {
      machine.write(
        'code.mjs',
        `import { runScript } from './scripts/lib/log.mjs';\nawait runScript(async () => {\n${code}\n});\n`,
      );
      return machine.run(['code.mjs'], options);
    },
    async remove() {
      for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
      await registry.close();
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  for (const name of ['sh', 'tar', 'gzip', 'grep', 'cat', 'rm'])
    fs.symlinkSync(pathOf(name), path.join(programs, name));
  fs.symlinkSync(process.execPath, path.join(programs, 'node'));
  machine.addProgram('ldd', 'exit 0');
  machine.write('package.json', JSON.stringify({ name: 'patchbay', type: 'module', devDependencies: {} }));
  for (const lock of ['package-lock.json', 'node_modules/.package-lock.json'])
    machine.write(lock, JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'patchbay' } } }));
  return machine;
}

function pathOf(name: string): string {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const found = folders.map((one) => path.join(one, name)).find((file) => fs.existsSync(file));
  if (found === undefined) throw new Error(`There is no ${name} on this machine.`);
  return found;
}

/** npm as it is here, with the test's registry and nothing of the user's. */
function npmSettings(registry: string): Record<string, string> {
  const script = process.env.npm_execpath ?? fs.realpathSync(pathOf('npm'));
  return {
    npm_execpath: script,
    npm_config_registry: `${registry}/`,
    npm_config_fetch_retries: '0',
    npm_config_update_notifier: 'false',
  };
}

const pretending = (nodeVersion: string | undefined, userId: number | undefined): string =>
  [
    nodeVersion &&
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${nodeVersion}' } });`,
    userId !== undefined && `process.getuid = () => ${userId};`,
  ]
    .filter(Boolean)
    .join('\n');

function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}
