-- chosen: What was chosen in a section.
-- $1 section
SELECT section, name, chosen FROM settings WHERE section = $1;

-- lock: Let one transaction at a time choose.
LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE;

-- choose: Choose a value.
-- $1 section, $2 name, $3 chosen
INSERT INTO settings (section, name, chosen) VALUES ($1, $2, $3)
ON CONFLICT (section, name) DO UPDATE SET chosen = excluded.chosen;

-- reset: Leave a setting to its default.
-- $1 section, $2 name
DELETE FROM settings WHERE section = $1 AND name = $2;

-- add_change: Note who changed what.
-- $1 change_id, $2 section, $3 name, $4 value_from, $5 value_to, $6 is_reset, $7 changed_by, $8 now
INSERT INTO setting_changes (change_id, section, name, value_from, value_to, is_reset, changed_by, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- changes: Who changed what before a change, the latest first.
-- $1 before_id, $2 limit
SELECT change_id, section, name, value_from, value_to, is_reset, changed_by, changed_at
FROM setting_changes
WHERE change_id < $1
ORDER BY change_id DESC
LIMIT $2;
