import type { ComboboxItem, ComboboxParsedItem, OptionsFilter } from '@mantine/core';
import { foldForSearch } from '../../shared/search-fold.ts';

/** What a picker shows of its options while somebody types: folded like every search here, never more than its limit. */
export const foldedFilter: OptionsFilter = ({ options, search, limit }) => {
  const text = foldForSearch(search.trim());
  const found: ComboboxParsedItem[] = [];
  let left = limit;
  const matching = (items: readonly ComboboxItem[]): ComboboxItem[] => {
    const kept = items.filter(({ label }) => left > 0 && foldForSearch(label).includes(text) && left-- > 0);
    return kept;
  };
  for (const option of options) {
    if ('group' in option) {
      const items = matching(option.items as ComboboxItem[]);
      if (items.length > 0) found.push({ ...option, items });
    } else found.push(...matching([option]));
  }
  return found;
};
