import { describe, expect, it } from 'vitest';
import { changeTags, tagProblem, tidyTags } from './tags.ts';

describe('tags', () => {
  it.each([
    ['production', null],
    ['Zürich 🇨🇭', null],
    ['x'.repeat(40), null],
    ['', 'Enter a tag.'],
    ['x'.repeat(41), 'Use at most 40 characters.'],
    ['a\u202Eb', 'Remove invisible characters (line ends, direction marks).'],
    ['a\nb', 'Remove invisible characters (line ends, direction marks).'],
    ['a,b', 'A tag holds no comma; add one tag after the other.'],
  ])('%j', (tag, problem) => expect(tagProblem(tag)).toBe(problem));

  it('are the same tag in whatever case, and stand in the order of the alphabet', () => {
    expect(tidyTags(['prod', 'EU', 'Prod', 'eu'])).toEqual(['EU', 'prod']);
  });

  it('are added and removed by name', () => {
    expect(changeTags(['EU', 'prod'], ['new'], ['eu', 'absent'])).toEqual(['new', 'prod']);
  });
});
