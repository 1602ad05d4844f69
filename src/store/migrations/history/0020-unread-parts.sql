-- Parts of the source that a run could not read.
ALTER TABLE executions ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
