/** The page alone, on the harness's bridge, in one bare window of the Electron that this machine has; and axe-core in it. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { launchProgram } from '../support/program.ts';
import { startHarness } from './serve.ts';

export interface HarnessWindow {
  readonly page: Page;
  /** Loads the page anew. `at` is its scenario and address: "?scenario=offline#/jobs". */
  open(at: string): Promise<void>;
  /** What the page has said on the console since it was loaded, warnings and worse. */
  said(): readonly string[];
  /** What axe has against the page, a line per element. */
  violations(rules?: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}
interface WithAxe {
  readonly axe: { run(where: Document, options: object): Promise<{ violations: Finding[] }> };
}

const axeSource = (): string => {
  const builder = createRequire(import.meta.url).resolve('@axe-core/playwright');
  return fs.readFileSync(createRequire(builder).resolve('axe-core/axe.min.js'), 'utf8');
};

export async function openHarness(): Promise<HarnessWindow> {
  const harness = await startHarness();
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'patchbay-harness-'));
  const app = await launchProgram(path.join(import.meta.dirname, '../bench/bare-window'), profile);
  const page = await app.firstWindow();
  let said: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  const axe = axeSource();
  let loads = 0;
  return {
    page,
    async open(at) {
      // Another hash alone would not load the page anew.
      loads += 1;
      const url = new URL(at, harness.url);
      url.searchParams.set('load', String(loads));
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      said = [];
      await page.goto(url.href);
      await page.getByRole('heading', { level: 1 }).waitFor();
    },
    said: () => said,
    async violations(rules) {
      await page.evaluate(`'axe' in window || eval(${JSON.stringify(axe)})`);
      const found = await page.evaluate(
        (runOnly) =>
          (window as unknown as WithAxe).axe.run(document, {
            resultTypes: ['violations'],
            ...(runOnly ? { runOnly } : {}),
          }),
        rules,
      );
      return found.violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`),
      );
    },
    async close() {
      await app.close();
      await harness.close();
      fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Every call of the harness works from now on: those that failed, and those that did not answer. */
export async function heal(page: Page): Promise<void> {
  await page.evaluate(() => (window as unknown as { harness: { heal(): void } }).harness.heal());
}
