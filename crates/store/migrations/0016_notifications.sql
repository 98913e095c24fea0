-- Messages to people, one for each call that sent one.
CREATE TABLE notifications (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    recipient TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    link TEXT,
    level TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    read_at INTEGER
) STRICT;
CREATE INDEX notifications_by_recipient ON notifications (recipient, number);
CREATE INDEX notifications_by_time ON notifications (sent_at);
