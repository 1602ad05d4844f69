/** Follows docs/adding-a-connector.md: the folder it describes, put into a copy of the tree, is all it takes. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIXTURE = join(ROOT, 'connectors/kit/fixtures/tickets-inc');

/** As the file stands in a connector's own folder. */
const read = (file: string): string => readFileSync(join(FIXTURE, file), 'utf8').replaceAll("'../../", "'../kit/");

describe('the recipe for adding a connector', () => {
  let folder: string;
  let vite: ViteDevServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'recipe-'));
    cpSync(join(ROOT, 'connectors'), join(folder, 'connectors'), { recursive: true });
    cpSync(join(ROOT, 'src/shared'), join(folder, 'src/shared'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    mkdirSync(join(folder, 'connectors/tickets-inc'));
    for (const file of readdirSync(FIXTURE)) writeFileSync(join(folder, 'connectors/tickets-inc', file), read(file));
    vite = await createServer({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      appType: 'custom',
      server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    });
  }, 300_000);
  afterAll(async () => {
    await vite.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('prints the very files that are tested', () => {
    const recipe = readFileSync(join(ROOT, 'docs/adding-a-connector.md'), 'utf8');
    for (const file of readdirSync(FIXTURE)) expect(recipe).toContain(`\`\`\`ts\n${read(file).trimEnd()}\n\`\`\``);
  });

  it('is one folder of at most 150 lines, its practice server and test included', () => {
    const lines = readdirSync(FIXTURE).flatMap((file) => read(file).trimEnd().split('\n'));
    expect(lines.length).toBeLessThanOrEqual(150);
  });

  it('needs no other change: the catalogue offers it, and its practice server starts', async () => {
    const catalog = (await vite.ssrLoadModule('/connectors/catalog.ts')) as typeof import('./catalog.ts');
    expect(catalog.connectorById('tickets-inc').manifest.name).toBe('Tickets Inc');
    expect(catalog.describeAll().find(({ id }) => id === 'tickets-inc')?.authMethods[0]?.interactive).toBe(false);
    const practices = (await vite.ssrLoadModule(
      '/connectors/practice/catalog.ts',
    )) as typeof import('./practice/catalog.ts');
    const running = await practices.practiceById('tickets-inc').start({ port: 0 });
    expect(running.records('issues').length).toBe(250);
    await running.close();
  }, 300_000);

  it('is refused loudly when the folder and the id differ', async () => {
    cpSync(join(folder, 'connectors/tickets-inc'), join(folder, 'connectors/other-name'), { recursive: true });
    vite.moduleGraph.invalidateAll();
    await expect(vite.ssrLoadModule('/connectors/catalog.ts')).rejects.toThrow(
      'The connector "tickets-inc" stands in the folder "other-name".',
    );
  }, 300_000);
});
