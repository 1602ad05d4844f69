import { migrationsFrom } from './migrate.ts';

/** The schema of each file, as the build found it under migrations/. The record cache has its own list in cache-migrations.ts. */
export const CONFIG_MIGRATIONS = migrationsFrom(
  import.meta.glob('./migrations/config/*.sql', { query: '?raw', import: 'default', eager: true }),
);
export const VAULT_MIGRATIONS = migrationsFrom(
  import.meta.glob('./migrations/vault/*.sql', { query: '?raw', import: 'default', eager: true }),
);
export const HISTORY_MIGRATIONS = migrationsFrom(
  import.meta.glob('./migrations/history/*.sql', { query: '?raw', import: 'default', eager: true }),
);
