-- What an execution does at the same time; empty where that is nothing more than one thing after the other.

ALTER TABLE executions ADD COLUMN strands TEXT NOT NULL DEFAULT '';
