/** The engine's one door to the connectors and to what the kit offers it. */
export { connectorById, connectors, hasConnector } from '../../connectors/catalog.ts';
export * from '../../connectors/kit/doors/engine.ts';
