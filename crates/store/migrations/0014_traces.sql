-- The trace that an event is a part of, as it came in the header `traceparent`.

ALTER TABLE events ADD COLUMN trace TEXT;
