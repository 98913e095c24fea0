-- Tasks that rules gave people, one for each call that created one.
CREATE TABLE assignments (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    assignee TEXT,
    list TEXT,
    priority TEXT NOT NULL,
    due_at INTEGER,
    link TEXT,
    reference TEXT,
    opened_at INTEGER NOT NULL,
    -- How it ended; all of these are missing while it is open.
    ended TEXT,
    ended_by TEXT,
    person TEXT,
    outcome TEXT,
    note TEXT,
    ended_at INTEGER,
    CHECK ((ended IS NULL) = (ended_at IS NULL) AND (ended IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE INDEX assignments_by_time ON assignments (opened_at, sequence);
CREATE INDEX assignments_open ON assignments (id) WHERE ended_at IS NULL;
CREATE INDEX assignments_by_assignee ON assignments (assignee, id) WHERE ended_at IS NULL;
CREATE INDEX assignments_by_list ON assignments (list, id) WHERE ended_at IS NULL;
CREATE INDEX assignments_by_end ON assignments (ended_at) WHERE ended_at IS NOT NULL;
