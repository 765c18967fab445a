-- get: One film with the profile's progress.
-- $1 library_ids, $2 max_level, $3 item_id, $4 profile_id
SELECT i.library_id, i.card_json, p.position AS position_ms, p.fraction, p.done_count, p.last_at
FROM items i
JOIN movies m ON m.item_id = i.item_id
LEFT JOIN progress p ON p.item_id = i.item_id AND p.profile_id = $4
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = $3;

-- place: Give films their own rows; those that have one keep it.
-- $1 item_ids
INSERT INTO movies (item_id) SELECT * FROM unnest($1::uuid[]) ON CONFLICT (item_id) DO NOTHING;
