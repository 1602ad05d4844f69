-- What happened. Made for a million activities: instants are milliseconds since 1970, and the names an execution carries,
-- the same for every run of a job, stand once in "subjects", so that a search looks through thousands of rows, not millions.

-- A tenant's number is the upper half of its subjects' ids, so that a search stays within the tenant without a join.
CREATE TABLE tenants (
  no INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE subjects (
  -- tenant_no * 2^32 + a number of its own
  id INTEGER PRIMARY KEY,
  tenant_no INTEGER NOT NULL REFERENCES tenants (no),
  connection_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  connection_name TEXT NOT NULL,
  job_name TEXT NOT NULL,
  source_object TEXT NOT NULL,
  destination TEXT NOT NULL,
  -- All four names as they are searched: see foldText.
  search_text TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX subjects_by_job ON subjects (job_id, connection_id, tenant_no, connection_name, job_name, source_object, destination);

CREATE INDEX subjects_by_connection ON subjects (connection_id);

CREATE VIRTUAL TABLE subjects_search USING fts5 (search_text, content = 'subjects', content_rowid = 'id', tokenize = 'trigram');

CREATE TRIGGER subjects_added AFTER INSERT ON subjects BEGIN
  INSERT INTO subjects_search (rowid, search_text) VALUES (new.id, new.search_text);
END;

CREATE TRIGGER subjects_removed AFTER DELETE ON subjects BEGIN
  INSERT INTO subjects_search (subjects_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
END;

CREATE TABLE executions (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  tenant_no INTEGER NOT NULL REFERENCES tenants (no),
  subject_id INTEGER NOT NULL REFERENCES subjects (id),
  started_by TEXT NOT NULL CHECK (started_by IN ('manual', 'schedule', 'resumed')),
  status TEXT NOT NULL CHECK (status IN ('running', 'waiting', 'success', 'partial_success', 'failed', 'stopped', 'interrupted')),
  waiting_for TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  duration_ms INTEGER NOT NULL,
  expected INTEGER,
  failure TEXT CHECK (failure IS NULL OR json_valid(failure)),
  read INTEGER NOT NULL,
  inserted INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  gone INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  delivered INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  pages INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

-- A page of the Activity list, newest first; status and subject are in it so that filters need not visit the table.
CREATE INDEX executions_by_start ON executions (tenant_no, started_at, seq, subject_id, status);

CREATE INDEX executions_by_subject ON executions (subject_id, started_at, seq, status);

-- The info icon: failed in the last 24 hours, by connection.
CREATE INDEX executions_failed ON executions (tenant_no, ended_at, subject_id, started_at) WHERE status = 'failed';

CREATE INDEX executions_unsuccessful ON executions (tenant_no, status, started_at, seq, subject_id) WHERE status <> 'success';

-- What a start must look at: runs whose process may be gone.
CREATE INDEX executions_open ON executions (status) WHERE ended_at IS NULL;

-- How many executions there are, so that a page's total is not a scan.
CREATE TABLE tallies (
  subject_id INTEGER NOT NULL REFERENCES subjects (id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (subject_id, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant_tallies (
  tenant_no INTEGER NOT NULL,
  status TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (tenant_no, status)
) STRICT, WITHOUT ROWID;

-- One row per job: its newest run, and when its newest successful one ended.
CREATE TABLE latest_runs (
  tenant_no INTEGER NOT NULL,
  job_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  data_as_of INTEGER,
  PRIMARY KEY (tenant_no, job_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER executions_started AFTER INSERT ON executions BEGIN
  INSERT INTO tallies (subject_id, status, n) VALUES (new.subject_id, new.status, 1)
    ON CONFLICT (subject_id, status) DO UPDATE SET n = n + 1;
  INSERT INTO tenant_tallies (tenant_no, status, n) VALUES (new.tenant_no, new.status, 1)
    ON CONFLICT (tenant_no, status) DO UPDATE SET n = n + 1;
  INSERT INTO latest_runs (tenant_no, job_id, connection_id, execution_id, status, started_at)
    SELECT new.tenant_no, job_id, connection_id, new.id, new.status, new.started_at FROM subjects WHERE id = new.subject_id
    ON CONFLICT (tenant_no, job_id) DO UPDATE SET
      connection_id = excluded.connection_id,
      execution_id = excluded.execution_id,
      status = excluded.status,
      started_at = excluded.started_at
    WHERE excluded.started_at >= latest_runs.started_at;
  UPDATE latest_runs SET data_as_of = max(coalesce(data_as_of, new.ended_at), new.ended_at)
    WHERE new.status IN ('success', 'partial_success') AND new.ended_at IS NOT NULL AND tenant_no = new.tenant_no
      AND job_id = (SELECT job_id FROM subjects WHERE id = new.subject_id);
END;

CREATE TRIGGER executions_changed AFTER UPDATE OF status, ended_at ON executions
WHEN new.status <> old.status OR new.ended_at IS NOT old.ended_at BEGIN
  UPDATE tallies SET n = n - 1 WHERE new.status <> old.status AND subject_id = old.subject_id AND status = old.status;
  UPDATE tenant_tallies SET n = n - 1 WHERE new.status <> old.status AND tenant_no = old.tenant_no AND status = old.status;
  INSERT INTO tallies (subject_id, status, n) SELECT new.subject_id, new.status, 1 WHERE new.status <> old.status
    ON CONFLICT (subject_id, status) DO UPDATE SET n = n + 1;
  INSERT INTO tenant_tallies (tenant_no, status, n) SELECT new.tenant_no, new.status, 1 WHERE new.status <> old.status
    ON CONFLICT (tenant_no, status) DO UPDATE SET n = n + 1;
  UPDATE latest_runs SET status = new.status
    WHERE tenant_no = new.tenant_no AND job_id = (SELECT job_id FROM subjects WHERE id = new.subject_id) AND execution_id = new.id;
  UPDATE latest_runs SET data_as_of = max(coalesce(data_as_of, new.ended_at), new.ended_at)
    WHERE new.status IN ('success', 'partial_success') AND new.ended_at IS NOT NULL AND tenant_no = new.tenant_no
      AND job_id = (SELECT job_id FROM subjects WHERE id = new.subject_id);
END;

CREATE TRIGGER executions_removed AFTER DELETE ON executions BEGIN
  UPDATE tallies SET n = n - 1 WHERE subject_id = old.subject_id AND status = old.status;
  UPDATE tenant_tallies SET n = n - 1 WHERE tenant_no = old.tenant_no AND status = old.status;
END;

CREATE TABLE log_lines (
  execution_seq INTEGER NOT NULL REFERENCES executions (seq) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (execution_seq, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE updates (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  tenant_id TEXT NOT NULL,
  connection_id TEXT,
  job_id TEXT,
  subject TEXT NOT NULL,
  action TEXT NOT NULL,
  at INTEGER NOT NULL,
  made_by TEXT NOT NULL,
  changes TEXT NOT NULL CHECK (json_valid(changes)),
  search_text TEXT NOT NULL
) STRICT;

CREATE INDEX updates_by_time ON updates (tenant_id, at, seq);

CREATE INDEX updates_by_connection ON updates (connection_id, at, seq) WHERE connection_id IS NOT NULL;

CREATE VIRTUAL TABLE updates_search USING fts5 (search_text, content = 'updates', content_rowid = 'seq', tokenize = 'trigram');

CREATE TRIGGER updates_added AFTER INSERT ON updates BEGIN
  INSERT INTO updates_search (rowid, search_text) VALUES (new.seq, new.search_text);
END;

CREATE TRIGGER updates_removed AFTER DELETE ON updates BEGIN
  INSERT INTO updates_search (updates_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
END;
