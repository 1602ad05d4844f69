-- A full pass that did not meet an unusual share of a job's rows marks none of them: it leaves what it found here, and "seen" with
-- it, until a person has agreed or the next full pass looks again. Runs in between go on to tell "seen" what they meet.
CREATE TABLE held_sweeps (
  job_id TEXT PRIMARY KEY,
  -- The activity whose pass it was.
  run_id TEXT NOT NULL,
  -- Milliseconds since 1970.
  found_at INTEGER NOT NULL,
  -- Rows with a greater id were inserted later.
  last_id INTEGER NOT NULL,
  -- Rows that would be marked as gone.
  missing INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Records that the source or the mapping has rejected and that have not been read well since.
CREATE TABLE open_rejections (
  job_id TEXT NOT NULL,
  record_key TEXT NOT NULL,
  -- Empty where the key tells records apart, else the reason.
  without_key TEXT NOT NULL,
  reason TEXT NOT NULL,
  rejected_by TEXT NOT NULL CHECK (rejected_by IN ('source', 'mapping')),
  -- Records behind this line.
  times INTEGER NOT NULL,
  -- When it was rejected first, milliseconds since 1970.
  since INTEGER NOT NULL,
  -- The pass and the run that rejected it last.
  pass_at INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (job_id, record_key, without_key)
) STRICT, WITHOUT ROWID;
