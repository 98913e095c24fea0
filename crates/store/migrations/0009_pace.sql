-- Executions have variants, and may end before they begin. Which states there are is the engine's matter, so the table is
-- made anew without that check. References to it stay as they are, as they are not looked at while migrations run.

CREATE TABLE executions_anew (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    rule_version TEXT NOT NULL,
    event INTEGER NOT NULL REFERENCES events (sequence),
    event_id TEXT NOT NULL,
    event_name TEXT NOT NULL,
    status TEXT NOT NULL,
    branch TEXT NOT NULL CHECK (branch IN ('then', 'otherwise')),
    variant TEXT,
    place INTEGER NOT NULL,
    locals TEXT NOT NULL,               -- the engine's journal
    strands TEXT NOT NULL DEFAULT '',
    steps INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    called_at INTEGER,
    wake_at INTEGER,
    error_code TEXT,
    error TEXT,
    reason TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO executions_anew (sequence, id, rule, rule_version, event, event_id, event_name, status, branch, place,
        locals, strands, steps, attempt, called_at, wake_at, error_code, error, started_at, ended_at, revision)
    SELECT sequence, id, rule, rule_version, event, event_id, event_name, status, branch, place,
        locals, strands, steps, attempt, called_at, wake_at, error_code, error, started_at, ended_at, revision
    FROM executions;

DROP TABLE executions;

ALTER TABLE executions_anew RENAME TO executions;

CREATE INDEX executions_by_wake_at ON executions (wake_at)
    WHERE wake_at IS NOT NULL AND status IN ('pending', 'waiting', 'running');
CREATE INDEX executions_interrupted ON executions (sequence) WHERE status IN ('pending', 'running');
CREATE INDEX executions_by_instant ON executions (started_at);
CREATE INDEX executions_by_rule ON executions (rule, started_at);
CREATE INDEX executions_by_status ON executions (status, started_at);
CREATE INDEX executions_by_event_name ON executions (event_name, started_at);
CREATE INDEX executions_by_event_id ON executions (event_id, started_at);
CREATE INDEX executions_by_variant ON executions (rule, variant) WHERE variant IS NOT NULL;

-- Which events of a name were faster than an earlier one.
CREATE INDEX events_matched ON events (name, sequence) WHERE state = 'matched';

-- Runs that count for `once` and limits.
CREATE TABLE firings (
    key BLOB NOT NULL,                  -- 16 bytes, the hash of the rule, the clause and the values
    at INTEGER NOT NULL,
    expires_at INTEGER,                 -- from when on it no longer counts; none if it counts for ever
    count INTEGER NOT NULL,
    PRIMARY KEY (key, at)
) STRICT, WITHOUT ROWID;

CREATE INDEX firings_by_end ON firings (expires_at) WHERE expires_at IS NOT NULL;
