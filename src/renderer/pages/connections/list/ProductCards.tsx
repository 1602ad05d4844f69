import type { ConnectorDescriptor } from '../../../../shared/connector.ts';
import { GAINSIGHT_PRODUCTS, PRODUCT_NAMES, type Product } from '../../../../shared/products.ts';
import { ConnectorLogo } from '../../../components/ConnectorLogo.tsx';
import { openDialog } from '../../../stores/dialogs.ts';
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
  const ofProduct = (product: Product) => connectors.find((each) => each.product === product);
  const available = rest.filter((product) => !owned.includes(product));
  return (
    <ul className={classes.cards}>
      {rest
        .filter((product) => owned.includes(product))
        .map((product) => (
          <OwnedCard key={product} product={product} connector={ofProduct(product)} />
        ))}
      {available.length > 0 && (
        <li className={classes.available}>
          {available.map((product) => (
            <span key={product} className={classes.quiet}>
              <ProductLogo product={product} connector={ofProduct(product)} />
              <span className={classes.words}>
                <span className={classes.name}>{PRODUCT_NAMES[product]}</span>
                <span className={classes.state}>Available</span>
              </span>
            </span>
          ))}
        </li>
      )}
    </ul>
  );
}

interface CardProps {
  readonly product: Product;
  readonly connector: ConnectorDescriptor | undefined;
}

function ProductLogo({ product, connector }: CardProps) {
  return <ConnectorLogo logoPath={connector?.logoPath} monogram={connector?.monogram ?? product.toUpperCase()} />;
}

function OwnedCard({ product, connector }: CardProps) {
  const name = PRODUCT_NAMES[product];
  return (
    <li className={classes.card}>
      <ProductLogo product={product} connector={connector} />
      <div className={classes.words}>
        <span className={classes.name}>{name}</span>
        <span className={classes.state}>
          {connector ? 'Owned, no connection yet' : 'Owned, not available in this version'}
        </span>
      </div>
      {connector && (
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
