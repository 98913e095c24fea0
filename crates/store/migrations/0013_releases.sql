-- What the daemon has run, and what it runs. Instants are microseconds since 1970.

CREATE TABLE releases (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,                 -- of the content
    origin TEXT NOT NULL CHECK (origin IN ('place', 'deployed', 'edited')),
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,              -- the name of a token; empty for the daemon itself
    note TEXT NOT NULL,
    rules TEXT NOT NULL,                -- JSON: the versions of its rules by their names
    content BLOB NOT NULL               -- a bundle, or the texts of a project as JSON
) STRICT;

-- Which release ran from when on. The last one is what runs.
CREATE TABLE activations (
    sequence INTEGER PRIMARY KEY,
    release INTEGER NOT NULL REFERENCES releases (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    is_rollback INTEGER NOT NULL
) STRICT;

-- The release that a part of the events is given to instead, if there is one.
CREATE TABLE canary (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    release INTEGER NOT NULL REFERENCES releases (id),
    percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 99),
    at INTEGER NOT NULL,
    who TEXT NOT NULL
) STRICT;

-- Rules that people have turned off, whatever their texts say.
CREATE TABLE disabled_rules (
    rule TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL
) STRICT, WITHOUT ROWID;
