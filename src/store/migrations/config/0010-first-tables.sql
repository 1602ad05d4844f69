-- Everything an admin has set up. Small, precious, synchronous FULL. No secret is ever stored here.
-- CHECKs are kept tight because the start-up check verifies them: a flipped bit in a value shows as a broken rule.
CREATE TABLE tenants (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40 AND id NOT GLOB '*[^a-z0-9]*'),
  name TEXT NOT NULL,
  domain TEXT NOT NULL,
  products TEXT NOT NULL CHECK (json_valid(products)),
  kind TEXT NOT NULL CHECK (kind IN ('practice', 'real')),
  limits TEXT NOT NULL CHECK (json_valid(limits)),
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE connections (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40 AND id NOT GLOB '*[^a-z0-9]*'),
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  connector_id TEXT NOT NULL CHECK (connector_id NOT GLOB '*[^a-z0-9-]*'),
  name TEXT NOT NULL,
  -- The name as it is compared: see foldText.
  name_key TEXT NOT NULL,
  auth_method_id TEXT NOT NULL,
  fields TEXT NOT NULL CHECK (json_valid(fields)),
  overrides TEXT NOT NULL CHECK (json_valid(overrides)),
  state TEXT NOT NULL CHECK (json_valid(state) AND state ->> 'kind' IN ('draft', 'active', 'disconnected', 'revoked')),
  "authorization" TEXT CHECK ("authorization" IS NULL OR json_valid("authorization")),
  learned TEXT NOT NULL CHECK (json_valid(learned)),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE UNIQUE INDEX connections_by_name ON connections (tenant_id, name_key);

CREATE TABLE oauth_apps (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40 AND id NOT GLOB '*[^a-z0-9]*'),
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  connector_id TEXT NOT NULL CHECK (connector_id NOT GLOB '*[^a-z0-9-]*'),
  auth_method_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  UNIQUE (tenant_id, connector_id, auth_method_id)
) STRICT;

CREATE TABLE jobs (
  id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 8 AND 40 AND id NOT GLOB '*[^a-z0-9]*'),
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('outOfTheBox', 'custom')),
  template_id TEXT,
  -- Settings that no statement looks into: mapping, filter, mode and the like.
  settings TEXT NOT NULL CHECK (json_valid(settings)),
  destination TEXT NOT NULL CHECK (json_valid(destination)),
  -- Not a foreign key: a job outlives the connection it delivered to, and says that it is gone.
  destination_connection_id TEXT GENERATED ALWAYS AS (destination ->> 'connectionId') VIRTUAL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE INDEX jobs_by_tenant ON jobs (tenant_id, connection_id);

CREATE INDEX jobs_by_connection ON jobs (connection_id);

CREATE INDEX jobs_by_destination ON jobs (destination_connection_id) WHERE destination_connection_id IS NOT NULL;

CREATE TABLE settings (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- Update activities on their way to history.db, written in the transaction of the change they describe.
CREATE TABLE update_outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  payload TEXT NOT NULL CHECK (json_valid(payload))
) STRICT;
