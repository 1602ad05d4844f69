-- Words an admin puts on connections to find and group them. Not part of a connection's version: a tag that is added while
-- somebody edits the connection is no conflict.
CREATE TABLE connection_tags (
  connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  -- The tag as it is compared: see foldText.
  tag_key TEXT NOT NULL CHECK (length(tag_key) BETWEEN 1 AND 200),
  tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 40),
  PRIMARY KEY (connection_id, tag_key)
) STRICT, WITHOUT ROWID;
