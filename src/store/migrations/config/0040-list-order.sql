-- What the order of the Connections page looks at, without reading 10,000 whole connections at every start. Not a partial index:
-- deleted_at would then have to be looked up in the table.
CREATE INDEX connections_for_list ON connections (tenant_id, deleted_at, id, connector_id, name, state ->> 'kind');
