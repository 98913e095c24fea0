-- What is kept of events for triggers that are more than an event, and up to where the inbox was looked at for them.

CREATE TABLE watch_states (
    watch TEXT NOT NULL,                -- a field of an entity, or the trigger of a rule
    key TEXT NOT NULL,
    state TEXT NOT NULL,                -- of the engine
    event INTEGER REFERENCES events (sequence),     -- whose payload is wanted later
    due_at INTEGER,
    PRIMARY KEY (watch, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX watch_states_due ON watch_states (due_at, watch, key) WHERE due_at IS NOT NULL;
CREATE INDEX watch_states_by_event ON watch_states (event) WHERE event IS NOT NULL;

CREATE TABLE looked_at (
    event_name TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
