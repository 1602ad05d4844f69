/** Connectors by category, as the picker shows them. */

import { CATEGORIES, CATEGORY_NAMES, type Category, type ConnectorDescriptor } from '../../../../shared/connector.ts';
import { foldForSearch } from '../../../../shared/search-fold.ts';
import { searchWords } from '../../../stores/connection-search.ts';

export interface ConnectorGroup {
  readonly category: Category;
  readonly name: string;
  readonly connectors: readonly ConnectorDescriptor[];
}

export function groupConnectors(connectors: readonly ConnectorDescriptor[], search: string): ConnectorGroup[] {
  const words = searchWords(search);
  const matches = (connector: ConnectorDescriptor): boolean => {
    const text = foldForSearch(`${connector.name} ${CATEGORY_NAMES[connector.category]} ${connector.id}`);
    return words.every((word) => text.includes(word));
  };
  return CATEGORIES.map((category) => ({
    category,
    name: CATEGORY_NAMES[category],
    connectors: connectors.filter((connector) => connector.category === category && matches(connector)),
  })).filter((group) => group.connectors.length > 0);
}
