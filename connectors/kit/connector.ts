import type { SourceField, SourceObject } from '../../src/shared/connector.ts';
import type { ConnectorContext, ConnectorError, Destination, Identity, Page, ReadRequest } from './contract.ts';
import type { Manifest } from './manifest.ts';

/** A manifest turned into behaviour, as the application uses it. */
export interface Connector {
  readonly manifest: Manifest;
  identify(context: ConnectorContext): Promise<Identity>;
  /** The cheapest call that proves the access works. */
  check(context: ConnectorContext): Promise<void>;
  objects(context: ConnectorContext): Promise<SourceObject[]>;
  fields(context: ConnectorContext, object: string): Promise<SourceField[]>;
  /**
   * Pages in order. Asking for the next page starts its request at once, so that a caller can store one page while the
   * next is on its way.
   */
  read(context: ConnectorContext, request: ReadRequest): AsyncIterable<Page>;
  /** See {@link ConnectorCode.explain}; gives the same error back where the connector knows nothing better. */
  explain(context: ConnectorContext, error: ConnectorError): Promise<ConnectorError>;
  readonly destination?: Destination | undefined;
}
