-- note: Keep what happened.
-- $1 happened_at, $2 position, $3 kind, $4 actor_id, $5 actor_name, $6 address, $7 subject_id, $8 subject, $9 failure
INSERT INTO activity (happened_at, position, kind, actor_id, actor_name, address, subject_id, subject, failure)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- page: What happened before a place in the log, the latest first.
-- $1 since, $2 before, $3 before_position, $4 whose activity the viewer may see, null for everybody's, $5 user_id, $6 topic, $7 limit
SELECT happened_at, position, kind, actor_id AS user_id, actor_name AS user_name, address, subject_id, subject,
    failure AS code
FROM activity
WHERE happened_at >= $1 AND (happened_at, position) < ($2::timestamptz, $3::int8)
  AND ($4::uuid IS NULL OR actor_id = $4)
  AND ($5::uuid IS NULL OR actor_id = $5)
  AND ($6::text IS NULL OR kind LIKE $6 || '.%')
ORDER BY happened_at DESC, position DESC
LIMIT $7;

-- people: Everybody of whom something is kept, by the name of the last time.
SELECT user_id, name FROM (
    SELECT DISTINCT ON (actor_id) actor_id AS user_id, actor_name AS name
    FROM activity
    WHERE actor_id IS NOT NULL AND actor_name IS NOT NULL
    ORDER BY actor_id, happened_at DESC, position DESC
) known
ORDER BY name, user_id;

-- make_month: Make the partition of an instant's month; whether it was missing.
-- $1 instant
SELECT make_activity_month($1);

-- forget: Remove what happened before an instant.
-- $1 before
SELECT forget_activity($1);
