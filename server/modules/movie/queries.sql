-- details: Films with their versions, their extras, and the profile's progress.
-- $1 library_ids, $2 max_level, $3 item_ids, $4 profile_id
SELECT i.library_id, i.card_json, p.position AS position_ms, p.fraction, p.done_count, p.last_at,
       (SELECT coalesce(json_agg(v ORDER BY v.version), '[]') FROM movie_versions v WHERE v.item_id = m.item_id) AS versions,
       (SELECT coalesce(json_agg(json_build_object(
                   'card', i.card_json::json, 'kind', e.kind, 'position_ms', p.position, 'fraction', p.fraction,
                   'done_count', p.done_count, 'last_at', p.last_at) ORDER BY e.kind, i.sort_title, i.item_id), '[]')
        FROM items i
        JOIN movie_extras e ON e.item_id = i.item_id
        LEFT JOIN progress p ON p.item_id = i.item_id AND p.profile_id = $4
        WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
          AND i.parent_id = m.item_id AND i.state = 'present') AS extras
FROM items i
JOIN movies m ON m.item_id = i.item_id
LEFT JOIN progress p ON p.item_id = i.item_id AND p.profile_id = $4
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = any($3::uuid[]);

-- documents: By which words films are found.
-- $1 item_ids
SELECT i.item_id, i.title,
       concat_ws(' ', m.tagline, m.overview,
                 (SELECT string_agg(v.edition, ' ' ORDER BY v.version) FROM movie_versions v WHERE v.item_id = m.item_id)) AS body,
       json_build_object('year', i.year) AS facets
FROM items i
JOIN movies m ON m.item_id = i.item_id
WHERE i.item_id = any($1::uuid[]);

-- place: Give films their own rows; those that have one keep it. Return the others.
-- $1 item_ids
INSERT INTO movies (item_id) SELECT * FROM unnest($1::uuid[]) ON CONFLICT (item_id) DO NOTHING RETURNING item_id;

-- forget_versions: Films have so many versions and no more; return those that had.
-- $1 item_ids, $2 version_counts
DELETE FROM movie_versions v
USING unnest($1::uuid[], $2::int[]) AS d(item_id, version_count)
WHERE v.item_id = d.item_id AND v.version >= d.version_count
RETURNING v.item_id;

-- place_versions: Note the versions of films; those that are noted so already are not written. Return whose were.
-- $1 item_ids, $2 versions, $3 labels, $4 editions, $5 formats_3d, $6 discs
INSERT INTO movie_versions AS v (item_id, version, label, edition, format_3d, disc)
SELECT * FROM unnest($1::uuid[], $2::int2[], $3::text[], $4::text[], $5::text[], $6::text[])
ON CONFLICT (item_id, version) DO UPDATE
SET label = excluded.label, edition = excluded.edition, format_3d = excluded.format_3d, disc = excluded.disc
WHERE (v.label, v.edition, v.format_3d, v.disc)
      IS DISTINCT FROM (excluded.label, excluded.edition, excluded.format_3d, excluded.disc)
RETURNING v.item_id;

-- place_extras: Note what extras are; return those that were something else.
-- $1 item_ids, $2 kinds
WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::text[]) AS w(item_id, kind)
), new AS (
    INSERT INTO movie_extras (item_id, kind) SELECT * FROM wanted ON CONFLICT (item_id) DO NOTHING
)
UPDATE movie_extras e SET kind = w.kind
FROM wanted w
WHERE e.item_id = w.item_id AND e.kind <> w.kind
RETURNING e.item_id;
