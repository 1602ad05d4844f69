-- When the newest complete pass that read everything ended, milliseconds since 1970: only such a pass notices what is gone.
ALTER TABLE job_tables ADD COLUMN full_at INTEGER;
UPDATE job_tables SET full_at = as_of;
