-- begin: When a schedule was last seen to; one that is new begins now.
-- $1 name, $2 now
INSERT INTO schedules AS s (name, last_at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET last_at = s.last_at
RETURNING last_at;

-- take: Note when a schedule is seen to; changes nothing where another leader did so since.
-- $1 name, $2 last_at as it was read, $3 now
UPDATE schedules SET last_at = $3 WHERE name = $1 AND last_at = $2;
