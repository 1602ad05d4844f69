import type { Route } from '../../routes.ts';

/** The page's address: its tab, what narrows it, and what is open. */
export type ActivityRoute = Extract<Route, { page: 'activity' }>;
