-- Sealed secrets only: every envelope is encrypted by the keyring or under the passphrase before it comes here.
CREATE TABLE secrets (
  owner_kind TEXT NOT NULL CHECK (owner_kind IN ('connection', 'oauthApp')),
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  envelope BLOB NOT NULL CHECK (length(envelope) > 0),
  set_at TEXT NOT NULL,
  PRIMARY KEY (owner_kind, owner_id, name)
) STRICT;

-- Ways to recognise a passphrase: salt, cost and a sealed known value; never the passphrase or a key. While a passphrase is
-- being set or changed there are two: the "next" one becomes "current" in the commit that ends the change.
CREATE TABLE passphrases (
  role TEXT NOT NULL PRIMARY KEY CHECK (role IN ('current', 'next')),
  key_id TEXT NOT NULL,
  kdf TEXT NOT NULL CHECK (json_valid(kdf)),
  key_check BLOB NOT NULL,
  set_at TEXT NOT NULL
) STRICT;
