-- Executions wait for more than the next attempt of a call, and steps may be labelled.

ALTER TABLE executions RENAME COLUMN retry_at TO wake_at;

ALTER TABLE steps ADD COLUMN label TEXT;
