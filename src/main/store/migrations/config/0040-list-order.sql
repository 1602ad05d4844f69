-- What the order of the Connections page looks at, without reading 10,000 whole connections at every start.
CREATE INDEX connections_for_list ON connections (tenant_id, id, connector_id, name, state ->> 'kind') WHERE deleted_at IS NULL;
