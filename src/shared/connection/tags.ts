/** Words an admin puts on a connection. Pure and free of schemas, so that the page's first bundle may check them too. */
export const TAGS_MAX = 20;
export const TAG_MAX = 40;

/** Tags are compared like this: case, width and composed letters do not matter. */
export function tagKey(tag: string): string {
  return tag.normalize('NFKC').toUpperCase().toLowerCase();
}

/** @returns why a trimmed text cannot be a tag, as a sentence; null when it can */
export function tagProblem(tag: string): string | null {
  if (tag === '') return 'Enter a tag.';
  if (tag.length > TAG_MAX) return `Use at most ${TAG_MAX} characters.`;
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(tag.replaceAll('\u200d', '')))
    return 'Remove invisible characters (line ends, direction marks).';
  if (tag.includes(',')) return 'A tag holds no comma; add one tag after the other.';
  return null;
}

/** Tags without repetitions, in the order they are shown: by name, whatever their case. */
export function tidyTags(tags: readonly string[]): string[] {
  const byKey = new Map<string, string>();
  for (const tag of tags) if (!byKey.has(tagKey(tag))) byKey.set(tagKey(tag), tag);
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tag]) => tag);
}

/** What a connection has after some were added and some taken away. */
export function changeTags(before: readonly string[], add: readonly string[], remove: readonly string[]): string[] {
  const gone = new Set(remove.map(tagKey));
  return tidyTags([...before.filter((tag) => !gone.has(tagKey(tag))), ...add]);
}
