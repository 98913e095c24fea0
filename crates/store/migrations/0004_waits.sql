-- What executions wait for. An event is looked up by its name and by what its fields say.

CREATE TABLE waits (
    execution TEXT NOT NULL REFERENCES executions (id),
    strand INTEGER NOT NULL,
    event TEXT NOT NULL,
    key TEXT NOT NULL,                  -- empty where nothing but the condition tells
    PRIMARY KEY (execution, strand)
) STRICT, WITHOUT ROWID;

CREATE INDEX waits_by_key ON waits (event, key);
