// node scripts/complete-lockfile.mjs: enters the optional packages of other platforms that package-lock.json lacks.
// A registry that serves only some platforms makes `npm install` leave the others out, and `npm ci` then refuses the lock file.
// The entries have no hash (nobody here has seen the files): `npm install` with a full registry adds it.
import fs from 'node:fs';
import { runScript, say } from './lib/log.mjs';
import { inProject } from './lib/project.mjs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

await runScript(() => {
  const file = inProject('package-lock.json');
  const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
  const added = missingOptional(lock.packages);
  for (const { place, entry } of added) lock.packages[place] = entry;
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  if (added.length > 0) fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  for (const { place } of added) say(`added ${place}`);
  say(`${added.length} entries added.`);
});

function missingOptional(packages) {
  return Object.entries(packages).flatMap(([place, parent]) =>
    Object.entries(parent.optionalDependencies ?? {})
      .filter(([name]) => !packages[`node_modules/${name}`] && !packages[`${place}/node_modules/${name}`])
      .map(([name, version]) => ({ place: `node_modules/${name}`, entry: entryFor(name, version, parent) })),
  );
}

function entryFor(name, version, parent) {
  if (!/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) throw new Error(`${name} has no exact version: ${version}`);
  // The scope is no part of the platform: "@oxc-parser/binding-linux-arm-gnueabihf".
  const words = name.replace(/^@[^/]+\//, '').split('-');
  const os = words.filter((word) => systems.includes(word));
  const cpu = words.filter((word) => processors.includes(word));
  if (os.length + cpu.length === 0) throw new Error(`${name} does not name its platform`);
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : os.includes('linux') ? ['glibc'] : undefined;
  return {
    version,
    ...(cpu.length > 0 && { cpu }),
    ...(parent.dev && { dev: true }),
    ...(libc && { libc }),
    optional: true,
    ...(os.length > 0 && { os }),
  };
}
