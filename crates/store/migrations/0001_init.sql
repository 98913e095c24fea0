-- The inbox, executions and their steps. Instants are microseconds since 1970; texts named JSON are JSON.
-- Each list is read latest first by instant and sequence, so every filter has an index that ends in the instant.

CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    payload TEXT NOT NULL,              -- JSON, byte for byte as received
    mismatches TEXT,                    -- JSON: [[path, expected, found], …]; none if the payload keeps to its schema
    state TEXT NOT NULL CHECK (state IN ('accepted', 'matched'))
) STRICT;

-- One event per source and id; the id alone finds it, too.
CREATE UNIQUE INDEX events_by_id ON events (id, source);
CREATE INDEX events_unmatched ON events (sequence) WHERE state = 'accepted';
CREATE INDEX events_by_instant ON events (received_at);
CREATE INDEX events_by_name ON events (name, received_at);
CREATE INDEX events_by_source ON events (source, received_at);
CREATE INDEX events_with_mismatch ON events (received_at) WHERE mismatches IS NOT NULL;

CREATE TABLE executions (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    event INTEGER NOT NULL REFERENCES events (sequence),
    event_id TEXT NOT NULL,
    event_name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (
        status IN ('pending', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled')
    ),
    branch TEXT NOT NULL CHECK (branch IN ('then', 'otherwise')),
    place INTEGER NOT NULL,
    locals TEXT NOT NULL,               -- the engine's journal
    steps INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    called_at INTEGER,
    retry_at INTEGER,
    error_code TEXT,
    error TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    revision INTEGER NOT NULL
) STRICT;

CREATE INDEX executions_open ON executions (sequence) WHERE ended_at IS NULL;
CREATE INDEX executions_by_instant ON executions (started_at);
CREATE INDEX executions_by_rule ON executions (rule, started_at);
CREATE INDEX executions_by_status ON executions (status, started_at);
CREATE INDEX executions_by_event_name ON executions (event_name, started_at);
CREATE INDEX executions_by_event_id ON executions (event_id, started_at);

CREATE TABLE steps (
    execution TEXT NOT NULL REFERENCES executions (id),
    sequence INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    action TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('started', 'completed', 'failed', 'retrying', 'skipped')),
    key TEXT NOT NULL,
    arguments TEXT NOT NULL,            -- JSON
    detail TEXT,                        -- JSON
    error TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (execution, sequence, attempt)
) STRICT;
