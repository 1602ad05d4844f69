-- What jobs have read. Each job has, besides its lines here, a table of its own with typed columns, made from its mapping:
-- "rows_<job id>" (see cache-table.ts). All tables here are WITHOUT ROWID or changed at most once a page.

CREATE TABLE job_tables (
  job_id TEXT PRIMARY KEY,
  -- [{name, type}] in the order of the mapping
  columns TEXT NOT NULL CHECK (json_valid(columns)),
  key_column TEXT NOT NULL,
  -- Rows the source has, and rows it no longer has.
  rows INTEGER NOT NULL,
  gone INTEGER NOT NULL,
  -- When the newest complete pass ended, milliseconds since 1970.
  as_of INTEGER,
  -- The settings under which the rows were read; others make the next pass a full one.
  fingerprint TEXT,
  -- Where an incremental pass begins, as JSON, look-back not yet applied.
  cursor TEXT,
  -- The checkpoint of the last page of the last complete pass.
  previous TEXT,
  -- Destination that has all rows but those in "deliveries" and "refusals".
  delivered_to TEXT
) STRICT, WITHOUT ROWID;

-- One pass over a source, from its first page to its end; several runs may share it, each going on where the one before ended.
CREATE TABLE passes (
  job_id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('full', 'incremental')),
  since TEXT,
  phase TEXT NOT NULL CHECK (phase IN ('reading', 'sweeping', 'delivering')),
  checkpoint TEXT,
  pages INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  touched_at INTEGER NOT NULL,
  -- Rows with a greater id were inserted by this pass.
  first_new_id INTEGER NOT NULL,
  cursor_max TEXT,
  -- Records whose key could not be read: no row can be called gone then.
  unkeyed INTEGER NOT NULL,
  swept_to INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rows older than the pass that it has met: bit n of a chunk stands for row id chunk * 16384 + n.
CREATE TABLE seen (
  job_id TEXT NOT NULL,
  chunk INTEGER NOT NULL,
  bits BLOB NOT NULL,
  PRIMARY KEY (job_id, chunk)
) STRICT, WITHOUT ROWID;

-- One line per Execution activity; the id is the activity's.
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  job_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  elapsed_ms INTEGER NOT NULL,
  counts TEXT NOT NULL CHECK (json_valid(counts)),
  expected INTEGER,
  -- Null while it is under way, else {status, failure}.
  outcome TEXT CHECK (outcome IS NULL OR json_valid(outcome))
) STRICT, WITHOUT ROWID;

CREATE INDEX runs_by_job ON runs (job_id, started_at);

CREATE TABLE rejected (
  run_id TEXT NOT NULL,
  n INTEGER NOT NULL,
  record_key TEXT NOT NULL,
  reason TEXT NOT NULL,
  rejected_by TEXT NOT NULL CHECK (rejected_by IN ('source', 'mapping', 'destination')),
  PRIMARY KEY (run_id, n)
) STRICT, WITHOUT ROWID;

-- Rows on their way to the destination, a page each: pairs of first and last row id, and how many the destination has answered.
CREATE TABLE deliveries (
  job_id TEXT NOT NULL,
  n INTEGER NOT NULL,
  ranges BLOB NOT NULL,
  answered INTEGER NOT NULL,
  PRIMARY KEY (job_id, n)
) STRICT, WITHOUT ROWID;

-- Rows the destination refused, and the run that offered them last; the next run offers them again.
CREATE TABLE refusals (
  job_id TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (job_id, row_id)
) STRICT, WITHOUT ROWID;
