-- What ended long ago is deleted: in the order it ended, with the events that nothing refers to any more.
CREATE INDEX executions_by_end ON executions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX executions_by_event ON executions (event);
CREATE INDEX events_by_cause ON events (cause) WHERE cause IS NOT NULL;

-- A stop of the daemon also interrupts calls of executions that had ended.
DROP INDEX executions_interrupted;
CREATE INDEX executions_interrupted ON executions (sequence)
    WHERE status IN ('pending', 'running') OR (ended_at IS NOT NULL AND strands <> '');
