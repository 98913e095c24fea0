-- A club's database, and what Hence reads of it: the table `outbox`, which triggers fill as things happen.
--
--     sqlite3 members.db < database.sql

PRAGMA journal_mode = WAL;

CREATE TABLE members (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'prospect'
        CHECK (status IN ('prospect', 'trial', 'active', 'paused', 'lapsed', 'cancelled')),
    first_name TEXT,
    last_name TEXT,
    phone TEXT,
    city TEXT,
    level TEXT NOT NULL DEFAULT 'free' CHECK (level IN ('free', 'basic', 'plus', 'premium')),
    score REAL,
    subscribed INTEGER NOT NULL DEFAULT 1,
    joined_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ')),
    renews_at TEXT
) STRICT;

CREATE TABLE tags (
    member TEXT NOT NULL REFERENCES members (id),
    tag TEXT NOT NULL,
    PRIMARY KEY (member, tag)
) STRICT;

-- Fields that the club made up itself, such as the size of a shirt.
CREATE TABLE fields (
    member TEXT NOT NULL REFERENCES members (id),
    name TEXT NOT NULL,
    value TEXT,
    PRIMARY KEY (member, name)
) STRICT;

CREATE TABLE segments (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;

CREATE TABLE segment_members (
    segment TEXT NOT NULL REFERENCES segments (id),
    member TEXT NOT NULL REFERENCES members (id),
    PRIMARY KEY (segment, member)
) STRICT;

CREATE TABLE gatherings (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    starts_at TEXT NOT NULL
) STRICT;

CREATE TABLE registrations (
    id TEXT PRIMARY KEY,
    member TEXT NOT NULL REFERENCES members (id),
    gathering TEXT NOT NULL REFERENCES gatherings (id),
    attended_at TEXT
) STRICT;

-- Amounts in cents.
CREATE TABLE payments (
    id TEXT PRIMARY KEY,
    member TEXT NOT NULL REFERENCES members (id),
    amount INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    failure TEXT
) STRICT;

CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    member TEXT NOT NULL REFERENCES members (id),
    plan TEXT NOT NULL,
    price INTEGER NOT NULL,
    cancel_reason TEXT,
    cancelled_at TEXT
) STRICT;

CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    details TEXT,
    member TEXT REFERENCES members (id),
    due_on TEXT,
    done_at TEXT
) STRICT;

CREATE TABLE notifications (
    id INTEGER PRIMARY KEY,
    message TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ')),
    read_at TEXT
) STRICT;

-- What happened, for the feed `outbox`. AUTOINCREMENT keeps a number from being given twice: by it an event is known.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
    payload TEXT NOT NULL
) STRICT;

-- A member as events carry it. What a query within gives is text again, until `json` says otherwise.
CREATE VIEW member_documents AS
SELECT m.id, json_object(
    'id', m.id,
    'email', m.email,
    'status', m.status,
    'first_name', m.first_name,
    'last_name', m.last_name,
    'phone', m.phone,
    'city', m.city,
    'level', m.level,
    'score', m.score,
    'subscribed', json(iif(m.subscribed, 'true', 'false')),
    'tags', json((SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE member = m.id ORDER BY tag))),
    'fields', json((SELECT json_group_object(name, value) FROM (SELECT name, value FROM fields WHERE member = m.id ORDER BY name))),
    'joined_at', m.joined_at,
    'renews_at', m.renews_at
) AS document
FROM members AS m;

CREATE TRIGGER member_created AFTER INSERT ON members BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'member.created', document FROM member_documents WHERE id = new.id;
END;

CREATE TRIGGER member_updated AFTER UPDATE ON members
WHEN (old.email, old.first_name, old.last_name, old.phone, old.city, old.level, old.score, old.subscribed, old.renews_at)
    IS NOT (new.email, new.first_name, new.last_name, new.phone, new.city, new.level, new.score, new.subscribed, new.renews_at)
BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'member.updated', json_set(document, '$.changed_fields', json((
        SELECT json_group_array(name) FROM (
            SELECT 'email' AS name WHERE old.email IS NOT new.email
            UNION ALL SELECT 'first_name' WHERE old.first_name IS NOT new.first_name
            UNION ALL SELECT 'last_name' WHERE old.last_name IS NOT new.last_name
            UNION ALL SELECT 'phone' WHERE old.phone IS NOT new.phone
            UNION ALL SELECT 'city' WHERE old.city IS NOT new.city
            UNION ALL SELECT 'level' WHERE old.level IS NOT new.level
            UNION ALL SELECT 'score' WHERE old.score IS NOT new.score
            UNION ALL SELECT 'subscribed' WHERE old.subscribed IS NOT new.subscribed
            UNION ALL SELECT 'renews_at' WHERE old.renews_at IS NOT new.renews_at
        )
    )))
    FROM member_documents WHERE id = new.id;
END;

CREATE TRIGGER member_status_changed AFTER UPDATE ON members WHEN old.status IS NOT new.status BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'member.status_changed', json_set(document, '$.previous_status', old.status)
    FROM member_documents WHERE id = new.id;
END;

CREATE TRIGGER tag_added AFTER INSERT ON tags BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'member.updated', json_set(document, '$.changed_fields', json_array('tags'))
    FROM member_documents WHERE id = new.member;
END;

CREATE TRIGGER tag_removed AFTER DELETE ON tags BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'member.updated', json_set(document, '$.changed_fields', json_array('tags'))
    FROM member_documents WHERE id = old.member;
END;

CREATE TRIGGER segment_joined AFTER INSERT ON segment_members BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'member.joined_segment', json_object('member', json(m.document), 'segment', json_object('id', s.id, 'name', s.name))
    FROM member_documents AS m, segments AS s WHERE m.id = new.member AND s.id = new.segment;
END;

CREATE TRIGGER segment_left AFTER DELETE ON segment_members BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'member.left_segment', json_object('member', json(m.document), 'segment', json_object('id', s.id, 'name', s.name))
    FROM member_documents AS m, segments AS s WHERE m.id = old.member AND s.id = old.segment;
END;

CREATE TRIGGER registered AFTER INSERT ON registrations BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'event.registered', json_object('id', new.id, 'member', json(m.document),
        'gathering', json_object('id', g.id, 'title', g.title, 'starts_at', g.starts_at))
    FROM member_documents AS m, gatherings AS g WHERE m.id = new.member AND g.id = new.gathering;
END;

CREATE TRIGGER attended AFTER UPDATE ON registrations WHEN old.attended_at IS NULL AND new.attended_at IS NOT NULL BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'event.attended', json_object('id', new.id, 'member', json(m.document),
        'gathering', json_object('id', g.id, 'title', g.title, 'starts_at', g.starts_at))
    FROM member_documents AS m, gatherings AS g WHERE m.id = new.member AND g.id = new.gathering;
END;

CREATE TRIGGER paid AFTER INSERT ON payments BEGIN
    INSERT INTO outbox (event, payload)
    SELECT iif(new.succeeded, 'payment.succeeded', 'payment.failed'), json_object(
        'id', new.id, 'member', json(document), 'amount', new.amount, 'failure', new.failure)
    FROM member_documents WHERE id = new.member;
END;

CREATE TRIGGER subscribed AFTER INSERT ON subscriptions BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'subscription.created', json_object(
        'id', new.id, 'member', json(document), 'plan', new.plan, 'price', new.price, 'cancel_reason', new.cancel_reason)
    FROM member_documents WHERE id = new.member;
END;

CREATE TRIGGER unsubscribed AFTER UPDATE ON subscriptions WHEN old.cancelled_at IS NULL AND new.cancelled_at IS NOT NULL BEGIN
    INSERT INTO outbox (event, payload)
    SELECT 'subscription.cancelled', json_object(
        'id', new.id, 'member', json(document), 'plan', new.plan, 'price', new.price, 'cancel_reason', new.cancel_reason)
    FROM member_documents WHERE id = new.member;
END;

INSERT INTO segments VALUES ('seg_berlin', 'Members in Berlin'), ('seg_winback', 'To be won back');
