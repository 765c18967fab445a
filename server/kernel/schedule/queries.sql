-- begin: When a schedule was last seen to; one that is new begins now.
-- $1 name, $2 now
INSERT INTO schedules AS s (name, last_at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET last_at = s.last_at
RETURNING last_at;

-- note: Note when a schedule was seen to.
-- $1 name, $2 now
UPDATE schedules SET last_at = $2 WHERE name = $1;
