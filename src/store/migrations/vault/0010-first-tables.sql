-- Sealed secrets only: everything is encrypted before it comes here. No passphrase and no key lies in the profile.
CREATE TABLE keys (
  key_id TEXT NOT NULL PRIMARY KEY,
  scheme TEXT NOT NULL CHECK (scheme IN ('keyring', 'passphrase')),
  -- Whether new secrets are sealed with it; at most one passphrase is.
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  -- keyring: backend and application; passphrase: how the key is derived.
  params TEXT NOT NULL CHECK (json_valid(params)),
  -- A known value sealed with the key: tells the right key from a wrong one without touching a secret.
  key_check BLOB NOT NULL,
  made_at TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX keys_one_passphrase ON keys (scheme) WHERE scheme = 'passphrase' AND is_active = 1;

CREATE TABLE secrets (
  owner_kind TEXT NOT NULL CHECK (owner_kind IN ('connection', 'oauthApp')),
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  key_id TEXT NOT NULL REFERENCES keys (key_id),
  -- The envelope: what is needed to open it, and the sealed bytes. See envelope.ts.
  header TEXT NOT NULL CHECK (json_valid(header)),
  sealed BLOB NOT NULL CHECK (length(sealed) > 0),
  set_at TEXT NOT NULL,
  PRIMARY KEY (owner_kind, owner_id, name)
) STRICT;

CREATE INDEX secrets_by_key ON secrets (key_id);
