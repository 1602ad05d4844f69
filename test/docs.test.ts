import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const pages = [
  'README.md',
  'CHANGELOG.md',
  ...fs
    .readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
];

/** Pictures and links of a page that lead to files of this repository. */
function linksOf(page: string): string[] {
  const text = fs.readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    const [file = ''] = target.split('#');
    return file === '' || /^[a-z]+:/.test(file) ? [] : [file];
  });
}

describe('the documents', () => {
  it.each(pages)('%s links to nothing that is not there', (page) => {
    const missing = linksOf(page).filter((file) => !fs.existsSync(path.join(root, path.dirname(page), file)));
    expect(missing).toEqual([]);
  });

  it('have pictures of the real app in README.md, light and dark', () => {
    const pictures = linksOf('README.md').filter((file) => file.startsWith('docs/images/'));
    expect(pictures).toEqual(
      expect.arrayContaining(['docs/images/connections-light.svg', 'docs/images/connections-dark.svg']),
    );
    for (const file of pictures)
      expect(fs.readFileSync(path.join(root, file), 'utf8')).toMatch(/^<svg .*data:image\/png;base64,/);
  });
});
