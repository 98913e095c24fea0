-- Who may ask the daemon for what, and who asked. Instants are microseconds since 1970.

CREATE TABLE tokens (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'author', 'operator', 'admin')),
    hash TEXT NOT NULL UNIQUE,          -- of the token, which is kept nowhere
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,                  -- the name of a token
    role TEXT NOT NULL,
    action TEXT NOT NULL,               -- such as `POST /v1/tokens`
    target TEXT NOT NULL,               -- the path that was asked for
    status INTEGER NOT NULL,            -- what was answered
    before TEXT NOT NULL,               -- JSON
    after TEXT NOT NULL                 -- JSON
) STRICT;
