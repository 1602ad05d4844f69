/** The worker's one door to the connectors and to what the kit offers the app. */
export * from '../../../connectors/engine-kit.ts';
