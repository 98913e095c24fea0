-- Sessions of browsers, and when tokens were last used. Instants are microseconds since 1970.

ALTER TABLE tokens ADD COLUMN last_used_at INTEGER;

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,              -- of the session's secret, which is kept nowhere
    token TEXT NOT NULL REFERENCES tokens (name),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
