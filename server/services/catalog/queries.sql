-- Statements for a viewer take $1 library_ids, $2 max_level, and begin with the same two conditions.

-- page_by_title: Cards of one kind in the order of the shelf, each with the profile's progress.
-- $1 library_ids, $2 max_level, $3 kind, $4 words, $5 year_from, $6 year_to, $7 profile_id, $8 limit, $9 offset, $10 after_sort_title, $11 after_id
-- Rows that are skipped cost a look into the index only; cards are fetched for those that are shown. All comes as one row:
-- to take a hundred apart costs more than the list.
SELECT coalesce(string_agg(c.card_json, ',' ORDER BY c.n) FILTER (WHERE c.n <= $8), '') AS cards,
       coalesce(json_object_agg(c.item_id, json_build_object(
           'position_ms', c.position, 'fraction', c.fraction, 'done_count', c.done_count, 'last_at', c.last_at))
           FILTER (WHERE c.n <= $8 AND c.last_at IS NOT NULL), '{}') AS progress,
       max(c.n) > $8 AS has_more,
       max(c.item_id::text) FILTER (WHERE c.n = $8)::uuid AS last_id, max(c.sort_title) FILTER (WHERE c.n = $8) AS last_sort_title,
       max(c.year) FILTER (WHERE c.n = $8) AS last_year, max(c.added_at) FILTER (WHERE c.n = $8) AS last_added_at
FROM (
    SELECT i.item_id, i.sort_title, i.year, i.added_at, i.card_json, p.position, p.fraction, p.done_count, p.last_at,
           row_number() OVER (ORDER BY i.sort_title, i.item_id) AS n
    FROM (
        SELECT i.item_id
        FROM items i
        WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
          AND i.kind = $3 AND i.on_shelf AND i.state = 'present'
          AND i.folded_title LIKE ALL ($4::text[])
          AND ($5::int IS NULL OR i.year >= $5) AND ($6::int IS NULL OR i.year <= $6)
          AND (i.sort_title, i.item_id) > ($10::text, $11::uuid)
        ORDER BY i.sort_title, i.item_id
        LIMIT $8::int8 + 1 OFFSET $9
    ) found
    JOIN items i ON i.item_id = found.item_id
    LEFT JOIN progress p ON p.item_id = i.item_id AND p.profile_id = $7
) c;

-- page_by_year: Cards of one kind, those of the latest year first and those without a year last.
-- $1 library_ids, $2 max_level, $3 kind, $4 words, $5 year_from, $6 year_to, $7 profile_id, $8 limit, $9 offset, $10 before_year, $11 after_sort_title, $12 after_id
SELECT coalesce(string_agg(c.card_json, ',' ORDER BY c.n) FILTER (WHERE c.n <= $8), '') AS cards,
       coalesce(json_object_agg(c.item_id, json_build_object(
           'position_ms', c.position, 'fraction', c.fraction, 'done_count', c.done_count, 'last_at', c.last_at))
           FILTER (WHERE c.n <= $8 AND c.last_at IS NOT NULL), '{}') AS progress,
       max(c.n) > $8 AS has_more,
       max(c.item_id::text) FILTER (WHERE c.n = $8)::uuid AS last_id, max(c.sort_title) FILTER (WHERE c.n = $8) AS last_sort_title,
       max(c.year) FILTER (WHERE c.n = $8) AS last_year, max(c.added_at) FILTER (WHERE c.n = $8) AS last_added_at
FROM (
    SELECT i.item_id, i.sort_title, i.year, i.added_at, i.card_json, p.position, p.fraction, p.done_count, p.last_at,
           row_number() OVER (ORDER BY -coalesce(i.year, 0), i.sort_title, i.item_id) AS n
    FROM (
        SELECT i.item_id
        FROM items i
        WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
          AND i.kind = $3 AND i.on_shelf AND i.state = 'present'
          AND i.folded_title LIKE ALL ($4::text[])
          AND ($5::int IS NULL OR i.year >= $5) AND ($6::int IS NULL OR i.year <= $6)
          AND (-coalesce(i.year, 0), i.sort_title, i.item_id) > (-$10::int, $11::text, $12::uuid)
        ORDER BY -coalesce(i.year, 0), i.sort_title, i.item_id
        LIMIT $8::int8 + 1 OFFSET $9
    ) found
    JOIN items i ON i.item_id = found.item_id
    LEFT JOIN progress p ON p.item_id = i.item_id AND p.profile_id = $7
) c;

-- page_by_added: Cards of one kind, newest first, each with the profile's progress.
-- $1 library_ids, $2 max_level, $3 kind, $4 words, $5 year_from, $6 year_to, $7 profile_id, $8 limit, $9 offset, $10 before_added_at, $11 before_id
-- Every library gives its newest by its index; one sort of these few is left.
SELECT coalesce(string_agg(c.card_json, ',' ORDER BY c.n) FILTER (WHERE c.n <= $8), '') AS cards,
       coalesce(json_object_agg(c.item_id, json_build_object(
           'position_ms', c.position, 'fraction', c.fraction, 'done_count', c.done_count, 'last_at', c.last_at))
           FILTER (WHERE c.n <= $8 AND c.last_at IS NOT NULL), '{}') AS progress,
       max(c.n) > $8 AS has_more,
       max(c.item_id::text) FILTER (WHERE c.n = $8)::uuid AS last_id, max(c.sort_title) FILTER (WHERE c.n = $8) AS last_sort_title,
       max(c.year) FILTER (WHERE c.n = $8) AS last_year, max(c.added_at) FILTER (WHERE c.n = $8) AS last_added_at
FROM (
    SELECT i.item_id, i.sort_title, i.year, i.added_at, i.card_json, p.position, p.fraction, p.done_count, p.last_at,
           row_number() OVER (ORDER BY i.added_at DESC, i.item_id DESC) AS n
    FROM (
        SELECT newest.item_id
        FROM unnest($1::uuid[]) AS seen(library_id)
        CROSS JOIN LATERAL (
            SELECT i.item_id, i.added_at
            FROM items i
            WHERE i.library_id = seen.library_id AND i.rating_level <= $2
              AND i.kind = $3 AND i.on_shelf AND i.state = 'present'
              AND i.folded_title LIKE ALL ($4::text[])
              AND ($5::int IS NULL OR i.year >= $5) AND ($6::int IS NULL OR i.year <= $6)
              AND (i.added_at, i.item_id) < ($10::timestamptz, $11::uuid)
            ORDER BY i.added_at DESC, i.item_id DESC
            LIMIT $8::int8 + $9::int8 + 1
        ) newest
        ORDER BY newest.added_at DESC, newest.item_id DESC
        LIMIT $8::int8 + 1 OFFSET $9
    ) found
    JOIN items i ON i.item_id = found.item_id
    LEFT JOIN progress p ON p.item_id = i.item_id AND p.profile_id = $7
) c;

-- count: How many cards a list has.
-- $1 library_ids, $2 max_level, $3 kind, $4 words, $5 year_from, $6 year_to
SELECT count(*)
FROM items i
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.kind = $3 AND i.on_shelf AND i.state = 'present'
  AND i.folded_title LIKE ALL ($4::text[])
  AND ($5::int IS NULL OR i.year >= $5) AND ($6::int IS NULL OR i.year <= $6);

-- letters: How many cards of a list begin with each letter, as codes in the order by title: 96 is before a, 123 behind z.
-- $1 library_ids, $2 max_level, $3 kind, $4 words, $5 year_from, $6 year_to
SELECT least(greatest(ascii(i.sort_title), 96), 123) AS code, count(*) AS count
FROM items i
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.kind = $3 AND i.on_shelf AND i.state = 'present'
  AND i.folded_title LIKE ALL ($4::text[])
  AND ($5::int IS NULL OR i.year >= $5) AND ($6::int IS NULL OR i.year <= $6)
GROUP BY code
ORDER BY code;

-- kinds: Of which kinds items are.
-- $1 library_ids, $2 max_level, $3 item_ids
SELECT i.item_id, i.kind
FROM items i
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = any($3::uuid[]);

-- files: The files that play of items and of their children, by version and part.
-- $1 library_ids, $2 max_level, $3 item_ids
SELECT i.item_id, f.file_id, f.path, f.size_bytes, f.probe, f.error, u.version, u.role = 'stub' AS is_stub,
       (SELECT coalesce(json_agg(json_build_object('start_ms', s.start_ms, 'title', s.title) ORDER BY s.start_ms), '[]')
        FROM segments s WHERE s.file_id = f.file_id AND s.kind = 'chapter') AS chapters
FROM items i
JOIN item_files u ON u.item_id = i.item_id AND u.role IN ('media', 'stub')
JOIN files f ON f.file_id = u.file_id
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND (i.item_id = any($3::uuid[]) OR i.parent_id = any($3::uuid[])) AND f.state <> 'missing'
ORDER BY i.item_id, u.version, u.part, f.path;

-- beside: What else there is of items and of their children: subtitles, ids and pictures.
-- $1 library_ids, $2 max_level, $3 item_ids
SELECT i.item_id,
       (SELECT coalesce(json_agg(json_build_object(
                   'file_id', s.file_id, 'stream_index', s.stream_index, 'is_external', s.of_file_id IS DISTINCT FROM s.file_id,
                   'of_file_id', s.of_file_id, 'format', s.format, 'language', s.language, 'title', s.title,
                   'is_default', s.is_default, 'is_forced', s.is_forced, 'is_hearing_impaired', s.is_hearing_impaired)
                   ORDER BY s.of_file_id IS NOT DISTINCT FROM s.file_id, s.language, s.file_id, s.stream_index), '[]')
        FROM subtitles s JOIN files f ON f.file_id = s.file_id AND f.state = 'present'
        WHERE s.item_id = i.item_id) AS subtitles,
       (SELECT coalesce(json_object_agg(e.source, e.value), '{}') FROM external_ids e WHERE e.item_id = i.item_id) AS external_ids,
       (SELECT coalesce(json_object_agg(g.kind, g.image_id), '{}') FROM images g WHERE g.item_id = i.item_id) AS images
FROM items i
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND (i.item_id = any($3::uuid[]) OR i.parent_id = any($3::uuid[]));

-- get_progress: The progress of a profile in an item that it can play; columns are null before the first play.
-- $1 library_ids, $2 max_level, $3 item_id, $4 profile_id
SELECT p.position AS position_ms, p.fraction, p.done_count, p.last_at
FROM items i
LEFT JOIN progress p ON p.item_id = i.item_id AND p.profile_id = $4
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = $3 AND i.unit = 'ms';

-- put_progress: Note where a profile is; passing the last tenth counts as one more time watched.
-- $1 library_ids, $2 max_level, $3 item_id, $4 profile_id, $5 position, $6 done_fraction, $7 now
WITH seen AS (
    SELECT i.item_id, least($5::int8, coalesce(i.length, $5::int8)) AS position,
           coalesce(least($5::int8, i.length)::real / nullif(i.length, 0), 0)::real AS fraction
    FROM items i
    WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
      AND i.item_id = $3 AND i.unit = 'ms'
)
INSERT INTO progress AS p (profile_id, item_id, position, fraction, done_count, hidden, last_at)
SELECT $4, item_id, position, fraction, (fraction >= $6::real)::int, false, $7 FROM seen
ON CONFLICT (profile_id, item_id) DO UPDATE
SET position = excluded.position, fraction = excluded.fraction, hidden = false, last_at = excluded.last_at,
    done_count = p.done_count + (excluded.fraction >= $6::real AND p.fraction < $6::real)::int
RETURNING position AS position_ms, fraction, done_count, last_at;

-- continue_row: What a profile has begun and not finished, played last first.
-- $1 library_ids, $2 max_level, $3 profile_id, $4 from_fraction, $5 to_fraction, $6 since, $7 limit
SELECT i.card_json, p.position AS position_ms, p.fraction, p.done_count, p.last_at
FROM items i
JOIN progress p ON p.item_id = i.item_id
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.on_shelf AND i.state = 'present'
  AND p.profile_id = $3 AND NOT p.hidden AND p.fraction > $4::real AND p.fraction < $5::real AND p.last_at > $6
ORDER BY p.last_at DESC, i.item_id
LIMIT $7;

-- hide: Leave an item out of what a profile goes on with, or show it again; nothing where it never began.
-- $1 library_ids, $2 max_level, $3 item_id, $4 profile_id, $5 hidden
UPDATE progress p SET hidden = $5
FROM items i
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = $3 AND p.item_id = i.item_id AND p.profile_id = $4
RETURNING p.position AS position_ms, p.fraction, p.done_count, p.last_at;

-- mark_watched: Have an item count as watched, or as never begun.
-- $1 library_ids, $2 max_level, $3 item_id, $4 profile_id, $5 is_watched, $6 now
INSERT INTO progress AS p (profile_id, item_id, position, fraction, done_count, hidden, last_at)
SELECT $4, i.item_id, 0, 0, $5::bool::int, false, $6
FROM items i
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = $3 AND i.unit = 'ms'
ON CONFLICT (profile_id, item_id) DO UPDATE
SET position = 0, fraction = 0, last_at = excluded.last_at,
    done_count = CASE WHEN $5 THEN greatest(p.done_count, 1) ELSE 0 END
RETURNING position AS position_ms, fraction, done_count, last_at;

-- known: The items of a library that have one of these keys, locked until the transaction ends.
-- $1 library_id, $2 keys
SELECT item_id, key, kind, library_id, parent_id, root_item_id, title, sort_title, year, ordinal, length, unit,
       rating_level, on_shelf, image_id, card_json, state, added_at
FROM items
WHERE library_id = $1 AND key = any($2::text[])
ORDER BY item_id
FOR NO KEY UPDATE;

-- upsert: Write items as JSON rows; ids that are there are changed, all others are new.
-- $1 rows, $2 now
INSERT INTO items (item_id, key, kind, library_id, parent_id, root_item_id, title, sort_title, year, ordinal, length,
                   unit, rating_level, on_shelf, image_id, card_json, state, added_at, changed_at, version)
SELECT d.*, $2, 1
FROM json_to_recordset($1::text::json) AS d(
    item_id uuid, key text, kind text, library_id uuid, parent_id uuid, root_item_id uuid, title text,
    sort_title text, year smallint, ordinal int[], length int8, unit text, rating_level smallint, on_shelf bool,
    image_id uuid, card_json text, state text, added_at timestamptz)
ON CONFLICT (item_id) DO UPDATE
SET kind = excluded.kind, parent_id = excluded.parent_id, root_item_id = excluded.root_item_id,
    title = excluded.title, sort_title = excluded.sort_title, year = excluded.year, ordinal = excluded.ordinal,
    length = excluded.length, unit = excluded.unit, rating_level = excluded.rating_level,
    on_shelf = excluded.on_shelf, card_json = excluded.card_json, state = excluded.state,
    changed_at = excluded.changed_at, version = items.version + 1;

-- settle: Items are present while one of their files is; those without any file stay as they are.
-- $1 item_ids, $2 now
WITH found AS (
    SELECT u.item_id, CASE WHEN bool_or(f.state <> 'missing') THEN 'present' ELSE 'missing' END AS state
    FROM item_files u
    JOIN files f ON f.file_id = u.file_id
    WHERE u.item_id = any($1::uuid[]) AND u.role IN ('media', 'stub')
    GROUP BY u.item_id
)
UPDATE items i
SET state = found.state, changed_at = $2, version = i.version + 1
FROM found
WHERE i.item_id = found.item_id AND i.state <> found.state
RETURNING i.item_id, i.library_id, i.rating_level, i.state;

-- put_ids: Have items known under these ids, and under no other.
-- $1 item_ids: all of them, $2 item_ids, $3 sources, $4 values
WITH wanted AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[]) AS w(item_id, source, value)
), gone AS (
    DELETE FROM external_ids e
    WHERE e.item_id = any($1::uuid[])
      AND NOT EXISTS (SELECT FROM wanted w WHERE (w.item_id, w.source, w.value) = (e.item_id, e.source, e.value))
)
INSERT INTO external_ids (item_id, source, value) SELECT * FROM wanted ON CONFLICT DO NOTHING;

-- rekey: Give items of a library new keys, unless another one has them.
-- $1 library_id, $2 item_ids, $3 keys
UPDATE items i SET key = d.key
FROM (SELECT DISTINCT ON (item_id) * FROM unnest($2::uuid[], $3::text[]) AS d(item_id, key) ORDER BY item_id, key) d
WHERE i.item_id = d.item_id AND i.library_id = $1
  AND NOT EXISTS (SELECT FROM items o WHERE o.library_id = $1 AND o.key = d.key);

-- retire: Mark items without any file that plays as missing.
-- $1 item_ids, $2 now
UPDATE items i SET state = 'missing', changed_at = $2, version = i.version + 1
WHERE i.item_id = any($1::uuid[]) AND i.state <> 'missing'
  AND NOT EXISTS (SELECT FROM item_files u WHERE u.item_id = i.item_id AND u.role IN ('media', 'stub'))
RETURNING i.item_id, i.library_id, i.rating_level, i.state;

-- images_of: The pictures of items.
-- $1 item_ids
SELECT image_id FROM images WHERE item_id = any($1::uuid[]);

-- remove: Forget items with all that hangs on them.
-- $1 item_ids
DELETE FROM items WHERE item_id = any($1::uuid[]) RETURNING item_id, library_id, rating_level, state;

-- cards_of: The cards of items, locked until the transaction ends.
-- $1 item_ids
SELECT item_id, card_json FROM items WHERE item_id = any($1::uuid[]) ORDER BY item_id FOR NO KEY UPDATE;

-- add_images: Note pictures that lie in the storage.
-- $1 image_ids, $2 item_ids, $3 kinds, $4 widths_px, $5 heights_px, $6 blurhashes, $7 sources
INSERT INTO images (image_id, item_id, kind, width_px, height_px, blurhash, source)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::text[], $7::bytea[]);

-- drop_images: Forget the pictures of these kinds that items have; return them.
-- $1 item_ids, $2 kinds
DELETE FROM images g USING unnest($1::uuid[], $2::text[]) AS d(item_id, kind)
WHERE g.item_id = d.item_id AND g.kind = d.kind
RETURNING g.image_id;

-- want_pictures: Have pictures of items looked for.
-- $1 item_ids
UPDATE items SET is_picture_due = true WHERE item_id = any($1::uuid[]) AND NOT is_picture_due;

-- settle_pictures: No more is to be had for these items until something changes.
-- $1 item_ids
UPDATE items SET is_picture_due = false WHERE item_id = any($1::uuid[]) AND is_picture_due;

-- set_images: Items have other pictures; with an image and a card also on their cards.
-- $1 item_ids, $2 image_ids or null, $3 cards or null, $4 now
UPDATE items i
SET image_id = coalesce(d.image_id, i.image_id), card_json = coalesce(d.card_json, i.card_json),
    changed_at = $4, version = i.version + 1
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS d(item_id, image_id, card_json)
WHERE i.item_id = d.item_id
RETURNING i.item_id, i.library_id, i.rating_level, i.state;

-- hold: Those of some items that are there, and their kinds; none of them all can be removed until the transaction ends.
-- $1 item_ids
-- Who waits here could stop who waits for these items: it fails at once instead, and is tried again.
WITH held AS (
    SELECT item_id, kind, state FROM items WHERE item_id = any($1::uuid[]) ORDER BY item_id FOR KEY SHARE NOWAIT
)
SELECT item_id, kind FROM held WHERE state = 'present';

-- put_documents: Items are found by these words and no others; what is noted so already is not written.
-- $1 item_ids, $2 rows as JSON
WITH wanted AS (
    SELECT i.item_id, i.kind, i.library_id, i.rating_level, d.title,
           setweight(to_tsvector('simple', d.title_words), 'A') || to_tsvector('simple', d.body_words) AS body,
           jsonb_strip_nulls(d.facets) AS facets
    FROM json_to_recordset($2::text::json) AS d(item_id uuid, title text, title_words text, body_words text, facets jsonb)
    JOIN items i ON i.item_id = d.item_id
), gone AS (
    DELETE FROM search_documents s
    WHERE s.item_id = any($1::uuid[]) AND NOT EXISTS (SELECT FROM wanted w WHERE w.item_id = s.item_id)
)
INSERT INTO search_documents AS s (item_id, kind, library_id, rating_level, title, body, facets)
SELECT * FROM wanted
ON CONFLICT (item_id) DO UPDATE
SET kind = excluded.kind, library_id = excluded.library_id, rating_level = excluded.rating_level,
    title = excluded.title, body = excluded.body, facets = excluded.facets
WHERE (s.kind, s.library_id, s.rating_level, s.title, s.body, s.facets)
      IS DISTINCT FROM (excluded.kind, excluded.library_id, excluded.rating_level, excluded.title, excluded.body, excluded.facets);
