-- A deleted connection stays for 30 days with its jobs, without its secret and without its name: another may take it meanwhile.
ALTER TABLE connections ADD COLUMN deleted_at TEXT;

DROP INDEX connections_by_name;

CREATE UNIQUE INDEX connections_by_name ON connections (tenant_id, name_key) WHERE deleted_at IS NULL;

CREATE INDEX connections_deleted ON connections (deleted_at, tenant_id) WHERE deleted_at IS NOT NULL;
