-- Events that the engine itself puts into the inbox: whom they are for, and what led to them.

ALTER TABLE events ADD COLUMN target_rule TEXT;
ALTER TABLE events ADD COLUMN target_trigger INTEGER;
ALTER TABLE events ADD COLUMN cause INTEGER REFERENCES events (sequence);
ALTER TABLE events ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
