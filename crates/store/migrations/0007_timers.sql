-- What is watched for the triggers of rules, and what is due when.

CREATE TABLE watches (
    rule TEXT NOT NULL,
    trigger INTEGER NOT NULL,
    what TEXT NOT NULL,
    PRIMARY KEY (rule, trigger)
) STRICT, WITHOUT ROWID;

CREATE TABLE timers (
    rule TEXT NOT NULL,
    trigger INTEGER NOT NULL,
    key TEXT NOT NULL,
    due INTEGER NOT NULL,
    memory TEXT,
    PRIMARY KEY (rule, trigger, key),
    FOREIGN KEY (rule, trigger) REFERENCES watches (rule, trigger) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX timers_by_due ON timers (due);

-- Executions that wait for a time, and those that a stop of the daemon interrupts.
DROP INDEX executions_open;
CREATE INDEX executions_by_wake_at ON executions (wake_at) WHERE wake_at IS NOT NULL AND status IN ('waiting', 'running');
CREATE INDEX executions_interrupted ON executions (sequence) WHERE status IN ('pending', 'running');
