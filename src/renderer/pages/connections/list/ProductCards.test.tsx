import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { GAINSIGHT_PRODUCTS, type Product } from '../../../../shared/products.ts';
import { sampleConnector } from '../../../testing/samples.ts';
import { ProductCards } from './ProductCards.tsx';

const px = sampleConnector({ id: 'px', name: 'Gainsight PX', category: 'gainsight', product: 'px' });

/** The words of each card. */
function cards(owned: readonly Product[], connected: readonly Product[] = []): string[] {
  const html = renderToStaticMarkup(
    <ProductCards owned={owned} connectors={[sampleConnector(), px]} connected={new Set(connected)} />,
  );
  return [...html.matchAll(/<li[^>]*>(.*?)<\/li>/gs)].map(([, card = '']) => card.replace(/<[^>]+>/g, '|'));
}

describe('cards of Gainsight products', () => {
  it('offer to connect an owned one, say where this version cannot, and leave the others quiet', () => {
    const [first = '', second = '', third = '', ...more] = cards(['px', 'cc']);
    expect(first).toMatch(/Owned, no connection yet.*Connect /);
    expect(second).toContain('Owned, not available in this version');
    expect(second).not.toContain('Connect ');
    expect(third.match(/Available/g)).toHaveLength(GAINSIGHT_PRODUCTS.length - 2);
    expect(third).not.toContain('Owned');
    expect(more).toEqual([]);
  });

  it('leave out what has a connection, which is a row', () => {
    expect(cards(['px'], ['px']).join()).not.toContain('Owned');
    expect(cards([], GAINSIGHT_PRODUCTS)).toEqual([]);
  });
});
