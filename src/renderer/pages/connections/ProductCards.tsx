import type { ConnectorDescriptor } from '../../../shared/connector.ts';
import { GAINSIGHT_PRODUCTS, PRODUCT_NAMES, type Product } from '../../../shared/products.ts';
import { ConnectorLogo } from '../../components/ConnectorLogo.tsx';
import { openDialog } from '../../stores/dialogs.ts';
import classes from './ProductCards.module.css';

interface ProductCardsProps {
  readonly owned: readonly Product[];
  readonly connectors: readonly ConnectorDescriptor[];
  /** Products that have a connection already: those are rows. */
  readonly connected: ReadonlySet<Product>;
}

/** Gainsight's products that have no connection: owned ones ask for one, the others are quietly there. */
export function ProductCards({ owned, connectors, connected }: ProductCardsProps) {
  const rest = GAINSIGHT_PRODUCTS.filter((product) => !connected.has(product));
  if (rest.length === 0) return null;
  return (
    <ul className={classes.cards}>
      {rest.map((product) => (
        <ProductCard
          key={product}
          product={product}
          isOwned={owned.includes(product)}
          connector={connectors.find((each) => each.product === product)}
        />
      ))}
    </ul>
  );
}

function ProductCard({
  product,
  isOwned,
  connector,
}: {
  product: Product;
  isOwned: boolean;
  connector: ConnectorDescriptor | undefined;
}) {
  const name = PRODUCT_NAMES[product];
  return (
    <li className={classes.card}>
      <ConnectorLogo logoPath={connector?.logoPath} monogram={connector?.monogram ?? product.toUpperCase()} />
      <div className={classes.words}>
        <span className={classes.name}>{name}</span>
        <span className={classes.state}>{sentenceFor(isOwned, connector !== undefined)}</span>
      </div>
      {isOwned && connector && (
        <button
          type="button"
          className={classes.button}
          onClick={() => openDialog({ kind: 'createConnection', connectorId: connector.id })}
        >
          Connect {name}
        </button>
      )}
    </li>
  );
}

function sentenceFor(isOwned: boolean, hasConnector: boolean): string {
  if (!isOwned) return 'Available';
  return hasConnector ? 'Owned, no connection yet' : 'Owned, not available in this version';
}
