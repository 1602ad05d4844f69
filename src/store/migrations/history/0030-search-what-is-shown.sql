-- A search finds what is on screen: beside the names also why an execution failed, its status and how it was started.
-- Additive. Texts of older rows are folded and indexed afterwards, a slice at a time: see repositories/search-indexing.ts.
-- A damaged full-text index loses nothing: each has its text in the table that it names as its content, and is made anew by
-- INSERT INTO <index> (<index>) VALUES ('rebuild'), for subjects_search, causes_search and updates_search alike.

CREATE TABLE causes (
  -- tenant_no * 2^32 + a number of its own
  id INTEGER PRIMARY KEY,
  tenant_no INTEGER NOT NULL REFERENCES tenants (no),
  -- What the failure says, as it is searched: see foldForSearch.
  search_text TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX causes_by_text ON causes (tenant_no, search_text);

CREATE VIRTUAL TABLE causes_search USING fts5 (search_text, content = 'causes', content_rowid = 'id', tokenize = 'trigram');

CREATE TRIGGER causes_added AFTER INSERT ON causes BEGIN
  INSERT INTO causes_search (rowid, search_text) VALUES (new.id, new.search_text);
END;

CREATE TRIGGER causes_removed AFTER DELETE ON causes BEGIN
  INSERT INTO causes_search (causes_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
END;

ALTER TABLE executions ADD COLUMN cause_id INTEGER;

-- Executions by their cause, oldest first.
CREATE TABLE cause_runs (
  cause_id INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (cause_id, started_at, seq)
) STRICT, WITHOUT ROWID;

-- How many executions each combination of what can be searched has, so that the total of a search is no scan.
CREATE TABLE search_tallies (
  subject_id INTEGER NOT NULL REFERENCES subjects (id) ON DELETE CASCADE,
  started_by TEXT NOT NULL,
  status TEXT NOT NULL,
  -- 0: none
  cause_id INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (subject_id, started_by, status, cause_id)
) STRICT, WITHOUT ROWID;

-- Rows of an older version whose search text is still to be made: those behind next_row and up to last_row. Executions among
-- them are in no tally yet.
CREATE TABLE search_backlog (
  what TEXT PRIMARY KEY CHECK (what IN ('subjects', 'executions', 'updates')),
  next_row INTEGER NOT NULL,
  last_row INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO search_backlog SELECT 'subjects', 0, max(id) FROM subjects HAVING max(id) IS NOT NULL;

INSERT INTO search_backlog SELECT 'executions', 0, max(seq) FROM executions HAVING max(seq) IS NOT NULL;

INSERT INTO search_backlog SELECT 'updates', 0, max(seq) FROM updates HAVING max(seq) IS NOT NULL;

CREATE TRIGGER executions_search_added AFTER INSERT ON executions
WHEN NOT EXISTS (SELECT 1 FROM search_backlog WHERE what = 'executions' AND new.seq > next_row AND new.seq <= last_row) BEGIN
  INSERT INTO search_tallies (subject_id, started_by, status, cause_id, n)
    VALUES (new.subject_id, new.started_by, new.status, coalesce(new.cause_id, 0), 1)
    ON CONFLICT (subject_id, started_by, status, cause_id) DO UPDATE SET n = n + 1;
  INSERT INTO cause_runs (cause_id, started_at, seq) SELECT new.cause_id, new.started_at, new.seq WHERE new.cause_id IS NOT NULL;
END;

CREATE TRIGGER executions_search_changed AFTER UPDATE OF status, cause_id ON executions
WHEN (new.status <> old.status OR new.cause_id IS NOT old.cause_id)
  AND NOT EXISTS (SELECT 1 FROM search_backlog WHERE what = 'executions' AND new.seq > next_row AND new.seq <= last_row) BEGIN
  UPDATE search_tallies SET n = n - 1
    WHERE subject_id = old.subject_id AND started_by = old.started_by AND status = old.status AND cause_id = coalesce(old.cause_id, 0);
  DELETE FROM search_tallies
    WHERE subject_id = old.subject_id AND started_by = old.started_by AND status = old.status AND cause_id = coalesce(old.cause_id, 0) AND n = 0;
  INSERT INTO search_tallies (subject_id, started_by, status, cause_id, n)
    VALUES (new.subject_id, new.started_by, new.status, coalesce(new.cause_id, 0), 1)
    ON CONFLICT (subject_id, started_by, status, cause_id) DO UPDATE SET n = n + 1;
  DELETE FROM cause_runs WHERE cause_id = old.cause_id AND started_at = old.started_at AND seq = old.seq;
  INSERT INTO cause_runs (cause_id, started_at, seq) SELECT new.cause_id, new.started_at, new.seq WHERE new.cause_id IS NOT NULL;
END;

CREATE TRIGGER executions_search_removed AFTER DELETE ON executions
WHEN NOT EXISTS (SELECT 1 FROM search_backlog WHERE what = 'executions' AND old.seq > next_row AND old.seq <= last_row) BEGIN
  UPDATE search_tallies SET n = n - 1
    WHERE subject_id = old.subject_id AND started_by = old.started_by AND status = old.status AND cause_id = coalesce(old.cause_id, 0);
  DELETE FROM cause_runs WHERE cause_id = old.cause_id AND started_at = old.started_at AND seq = old.seq;
END;

CREATE TRIGGER subjects_folded AFTER UPDATE OF search_text ON subjects WHEN new.search_text <> old.search_text BEGIN
  INSERT INTO subjects_search (subjects_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
  INSERT INTO subjects_search (rowid, search_text) VALUES (new.id, new.search_text);
END;

CREATE TRIGGER updates_folded AFTER UPDATE OF search_text ON updates WHEN new.search_text <> old.search_text BEGIN
  INSERT INTO updates_search (updates_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
  INSERT INTO updates_search (rowid, search_text) VALUES (new.seq, new.search_text);
END;
