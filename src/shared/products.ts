/** Gainsight's own products; the connectors of the "Gainsight Connections" section carry one of these ids. */
export const GAINSIGHT_PRODUCTS = ['px', 'cc', 'ce'] as const;
export type Product = (typeof GAINSIGHT_PRODUCTS)[number];
export const PRODUCT_NAMES: Readonly<Record<Product, string>> = {
  px: 'Gainsight PX',
  cc: 'Gainsight Customer Communities',
  ce: 'Gainsight Customer Education',
};
