-- emit: Put events into the outbox, in this order.
-- $1 kinds, $2 bodies
INSERT INTO events (kind, body, emitted_at)
SELECT e.kind, e.body, now()
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS e(kind, body, place)
ORDER BY e.place;

-- has_waiting: Whether an event has no position yet.
SELECT EXISTS (SELECT FROM events WHERE position IS NULL);

-- lock_order: The last position given away; whoever has read it is the only one to give away more.
INSERT INTO event_cursors AS c (consumer, position) VALUES ('', 0)
ON CONFLICT (consumer) DO UPDATE SET position = c.position
RETURNING position;

-- put_in_order: Give the next positions to events that are committed and have none.
-- $1 last_position, $2 limit
WITH waiting AS (
    SELECT number FROM events WHERE position IS NULL ORDER BY number LIMIT $2
), placed AS (
    SELECT number, $1::int8 + row_number() OVER (ORDER BY number) AS position FROM waiting
)
UPDATE events e SET position = placed.position FROM placed WHERE e.number = placed.number;

-- move_order: Note how many positions were given away.
-- $1 count
UPDATE event_cursors SET position = position + $1 WHERE consumer = '';

-- last_position: The last position that was given away.
SELECT coalesce(max(position), 0) FROM event_cursors WHERE consumer = '';

-- first_position: The first position that is still kept; 0 where there is none.
SELECT coalesce(min(position), 0) FROM events;

-- after: Events after a position, in order.
-- $1 after_position, $2 limit
SELECT position, kind, body, emitted_at FROM events WHERE position > $1 ORDER BY position LIMIT $2;

-- after_of: Events of some kinds after a position, in order.
-- $1 kinds, $2 after_position, $3 limit
SELECT position, kind, body, emitted_at
FROM events
WHERE kind = any($1::text[]) AND position > $2
ORDER BY position
LIMIT $3;

-- begin: Let a new consumer begin with what happens from now on.
-- $1 consumer
INSERT INTO event_cursors (consumer, position)
SELECT $1, coalesce(max(position), 0) FROM event_cursors WHERE consumer = ''
ON CONFLICT (consumer) DO NOTHING;

-- cursor: The last position that a consumer handled.
-- $1 consumer
SELECT position FROM event_cursors WHERE consumer = $1;

-- note: Note that a consumer handles a position; no row where it did already.
-- $1 consumer, $2 position
UPDATE event_cursors SET position = $2 WHERE consumer = $1 AND position < $2;

-- note_failure: Note an event that a consumer could not handle.
-- $1 consumer, $2 position, $3 reason, $4 now
INSERT INTO event_failures (consumer, position, reason, failed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (consumer, position) DO NOTHING;

-- forget: Remove events that are older than they are kept; those without a position wait.
-- $1 before
DELETE FROM events WHERE emitted_at < $1 AND position IS NOT NULL;

-- forget_failures: Remove old notes of failures.
-- $1 before
DELETE FROM event_failures WHERE failed_at < $1;
