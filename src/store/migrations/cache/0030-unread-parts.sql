-- Parts of a source that a run could not read: a file, a partition, a site. Only those kept are here; the counts have all.
CREATE TABLE unread (
  run_id TEXT NOT NULL,
  part TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (run_id, part)
) STRICT, WITHOUT ROWID;
