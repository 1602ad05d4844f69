-- Rows that the source no longer has and that wait for a person before they are marked, and records that are still rejected since an
-- earlier run.
ALTER TABLE executions ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE executions ADD COLUMN still_rejected INTEGER NOT NULL DEFAULT 0;
