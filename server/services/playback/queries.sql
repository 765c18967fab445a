-- Statements for a viewer take $1 library_ids, $2 max_level, and begin with the same two conditions.

-- file: Where a file of an item lies that the viewer may see.
-- $1 library_ids, $2 max_level, $3 file_id
SELECT f.file_id, r.path AS root_path, f.path, f.state, f.probe ->> 'media_type' AS media_type
FROM items i
JOIN item_files u ON u.item_id = i.item_id
JOIN files f ON f.file_id = u.file_id
JOIN roots r ON r.root_id = f.root_id
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND f.file_id = $3
LIMIT 1;

-- image: The picture of an item that the viewer may see.
-- $1 library_ids, $2 max_level, $3 image_id
SELECT g.image_id, g.width_px
FROM items i
JOIN images g ON g.item_id = i.item_id
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND g.image_id = $3;

-- film: A file that plays of an item that the viewer may see, with all that playing it needs.
-- $1 library_ids, $2 max_level, $3 item_id, $4 file_id, $5 profile_id
SELECT i.item_id, i.title, i.length AS length_ms, f.file_id, r.path AS root_path, f.path, f.state,
       f.probe ->> 'media_type' AS media_type, f.size_bytes, f.mtime_ns, f.probe,
       (SELECT coalesce(json_agg(json_build_object(
                   'file_id', s.file_id, 'format', s.format, 'language', s.language, 'title', s.title,
                   'is_default', s.is_default, 'is_forced', s.is_forced, 'is_hearing_impaired', s.is_hearing_impaired)
                   ORDER BY s.language, s.file_id), '[]')
        FROM subtitles s JOIN files b ON b.file_id = s.file_id AND b.state = 'present'
        WHERE s.item_id = i.item_id AND s.of_file_id IS DISTINCT FROM s.file_id
          AND (s.of_file_id IS NULL OR s.of_file_id = f.file_id)) AS sidecars,
       coalesce(l.audio_languages, '{}') AS audio_languages, coalesce(l.subtitle_languages, '{}') AS subtitle_languages,
       (SELECT json_build_object('times_ms', k.times_ms, 'length_ms', k.length_ms, 'is_complete', true)
        FROM keyframes k
        WHERE k.file_id = f.file_id AND k.size_bytes = f.size_bytes AND k.mtime_ns = f.mtime_ns) AS keyframes
FROM items i
JOIN item_files u ON u.item_id = i.item_id AND u.role = 'media'
JOIN files f ON f.file_id = u.file_id
JOIN roots r ON r.root_id = f.root_id
LEFT JOIN play_preferences l ON l.profile_id = $5
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = $3 AND f.file_id = $4;

-- put_play: Note how far a play of an item has come; the first note begins it.
-- $1 library_ids, $2 max_level, $3 play_id, $4 started_at, $5 profile_id, $6 item_id, $7 from_pos, $8 to_pos, $9 now, $10 device, $11 method
INSERT INTO plays AS p (play_id, profile_id, item_id, started_at, ended_at, from_pos, to_pos, device, method, source)
SELECT $3, $5, i.item_id, $4, $9, $7, $8, $10, $11, 'revenge'
FROM items i
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = $6
ON CONFLICT (play_id, started_at) DO UPDATE
SET ended_at = excluded.ended_at, to_pos = excluded.to_pos, method = excluded.method
RETURNING play_id;

-- preferences: What a profile likes to hear and to read.
-- $1 profile_id
SELECT audio_languages, subtitle_languages FROM play_preferences WHERE profile_id = $1;

-- put_preferences: Note what a profile likes.
-- $1 profile_id, $2 audio_languages, $3 subtitle_languages
INSERT INTO play_preferences (profile_id, audio_languages, subtitle_languages) VALUES ($1, $2, $3)
ON CONFLICT (profile_id) DO UPDATE
SET audio_languages = excluded.audio_languages, subtitle_languages = excluded.subtitle_languages;

-- unread: A file whose key frames are looked for.
-- $1 file_id
SELECT f.file_id, r.path AS root_path, f.path, f.state, f.probe ->> 'media_type' AS media_type, f.size_bytes, f.mtime_ns
FROM files f JOIN roots r ON r.root_id = f.root_id
WHERE f.file_id = $1;

-- put_keyframes: Keep where the pictures of a file can be cut apart; nothing when the file has gone meanwhile.
-- $1 file_id, $2 size_bytes, $3 mtime_ns, $4 times_ms, $5 length_ms
INSERT INTO keyframes (file_id, size_bytes, mtime_ns, times_ms, length_ms)
SELECT f.file_id, $2, $3, $4, $5 FROM files f WHERE f.file_id = $1
ON CONFLICT (file_id) DO UPDATE
SET size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, times_ms = excluded.times_ms, length_ms = excluded.length_ms;
