-- Statements for a viewer take $1 library_ids, $2 max_level, and begin with those conditions.

-- list: The libraries with their folders, how many items they show, and their latest scan.
-- $1 library_ids, $2 max_level
SELECT l.library_id, l.name, l.kind,
       (SELECT coalesce(json_agg(json_build_object('root_id', r.root_id, 'path', translate(encode(r.path, 'base64'), E'\n', ''),
                                                   'state', r.state) ORDER BY r.path), '[]')
        FROM roots r WHERE r.library_id = l.library_id) AS roots,
       (SELECT count(*) FROM items i
        WHERE i.library_id = l.library_id AND i.rating_level <= $2 AND i.on_shelf AND i.state = 'present')
       AS item_count,
       (SELECT to_json(s) FROM scans s WHERE s.library_id = l.library_id
        ORDER BY s.started_at DESC, s.scan_id DESC LIMIT 1) AS scan
FROM libraries l
WHERE l.library_id = any($1::uuid[])
ORDER BY l.position, l.name, l.library_id;

-- lock_roots: Let one transaction at a time add folders.
LOCK TABLE roots IN SHARE ROW EXCLUSIVE MODE;

-- all_roots: Every folder of every library.
SELECT root_id, library_id, path FROM roots ORDER BY path;

-- roots_of: The folders of a library.
-- $1 library_id
SELECT root_id, library_id, path FROM roots WHERE library_id = $1 ORDER BY path;

-- add_library: Make a library, the last in order.
-- $1 library_id, $2 kind, $3 name, $4 now
INSERT INTO libraries (library_id, kind, name, position, changed_at)
SELECT $1, $2, $3, coalesce(max(position) + 1, 0), $4 FROM libraries;

-- add_roots: Give a library its folders.
-- $1 library_id, $2 root_ids, $3 paths
INSERT INTO roots (root_id, library_id, path)
SELECT d.root_id, $1, d.path FROM unnest($2::uuid[], $3::bytea[]) AS d(root_id, path);

-- set_root_state: Note whether a folder is there.
-- $1 root_id, $2 state
UPDATE roots SET state = $2 WHERE root_id = $1 AND state <> $2;

-- kind_of: The kind of a library.
-- $1 library_id
SELECT kind FROM libraries WHERE library_id = $1;

-- begin_scan: Open a scan.
-- $1 scan_id, $2 library_id, $3 now
INSERT INTO scans (scan_id, library_id, state, phase, started_at) VALUES ($1, $2, 'running', 'walk', $3);

-- save_scan: Note how far a scan is.
-- $1 scan_id, $2 state, $3 phase, $4 found_count, $5 done_count, $6 error_count, $7 ended_at, $8 error_code,
-- $9 what the walk left out: JSON, or null before it ended
UPDATE scans
SET state = $2, phase = $3, found_count = $4, done_count = $5, error_count = $6, ended_at = $7,
    error_code = $8, error_detail = $9
WHERE scan_id = $1;

-- close_broken_scans: End the scans that a crash left open; return their libraries.
-- $1 now, $2 code
UPDATE scans SET state = 'failed', ended_at = $1, error_code = $2 WHERE state = 'running' RETURNING library_id;

-- register: Note the files of a portion of a walk; rows that are right already are not written.
-- $1 root_id, $2 new file_ids, $3 paths, $4 sizes_bytes, $5 mtimes_ns
WITH walked AS (
    SELECT * FROM unnest($2::uuid[], $3::bytea[], $4::int8[], $5::int8[]) AS w(file_id, path, size_bytes, mtime_ns)
), known AS (
    SELECT w.*, f.file_id AS known_id,
           f.file_id IS NOT NULL AND f.size_bytes = w.size_bytes AND f.mtime_ns = w.mtime_ns AS is_same,
           f.state
    FROM walked w
    LEFT JOIN files f ON f.root_id = $1 AND f.path = w.path
), returned AS (
    UPDATE files f SET state = 'present' FROM known k
    WHERE f.file_id = k.known_id AND k.is_same AND k.state <> 'present'
), written AS (
    INSERT INTO files (file_id, root_id, path, size_bytes, mtime_ns, state)
    SELECT file_id, $1, path, size_bytes, mtime_ns, 'present' FROM known WHERE NOT is_same
    ON CONFLICT (root_id, path) DO UPDATE
    SET size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, state = 'present',
        fingerprint = NULL, probe = NULL, error = NULL
)
SELECT coalesce(known_id, file_id) FROM known;

-- has_files: Whether a folder was known to hold files.
-- $1 root_id
SELECT EXISTS (SELECT FROM files WHERE root_id = $1 AND state = 'present');

-- mark_missing: Note the files that a walk did not see, except below folders that could not be read.
-- $1 root_id, $2 seen file_ids, $3 unread folders, each with its closing slash
UPDATE files f SET state = 'missing'
WHERE f.root_id = $1 AND f.state = 'present'
  AND NOT EXISTS (SELECT FROM unnest($2::uuid[]) AS s(file_id) WHERE s.file_id = f.file_id)
  AND NOT EXISTS (SELECT FROM unnest($3::bytea[]) AS u(folder) WHERE substr(f.path, 1, length(u.folder)) = u.folder);

-- arrivals: Files that belong to no item yet and have the size of a missing one: perhaps it was moved.
-- $1 library_id
SELECT f.file_id, r.path AS root_path, f.path
FROM files f JOIN roots r ON r.root_id = f.root_id
WHERE r.library_id = $1 AND r.state = 'online'
  AND f.state = 'present' AND f.probe IS NULL AND f.error IS NULL
  AND f.size_bytes IN (
      SELECT m.size_bytes FROM files m JOIN roots mr ON mr.root_id = m.root_id
      WHERE mr.library_id = $1 AND m.state = 'missing' AND m.fingerprint IS NOT NULL)
  AND NOT EXISTS (SELECT FROM item_files u WHERE u.file_id = f.file_id)
ORDER BY f.file_id;

-- moved: Pairs of a missing file and the arrival that has its content; of several the n-th by path is the n-th.
-- $1 library_id, $2 arrived file_ids, $3 their fingerprints
WITH arrived AS (
    SELECT f.file_id, f.root_id, f.path, f.size_bytes, f.mtime_ns, d.fingerprint,
           row_number() OVER (PARTITION BY d.fingerprint ORDER BY f.path, f.file_id) AS place
    FROM unnest($2::uuid[], $3::bytea[]) AS d(file_id, fingerprint)
    JOIN files f ON f.file_id = d.file_id
), gone AS (
    SELECT f.file_id, f.fingerprint,
           row_number() OVER (PARTITION BY f.fingerprint ORDER BY f.path, f.file_id) AS place
    FROM files f JOIN roots r ON r.root_id = f.root_id
    WHERE r.library_id = $1 AND f.state = 'missing' AND f.fingerprint = any($3::bytea[])
)
SELECT g.file_id, a.file_id AS arrived_id, a.root_id, a.path, a.size_bytes, a.mtime_ns
FROM gone g JOIN arrived a ON a.fingerprint = g.fingerprint AND a.place = g.place
ORDER BY g.file_id;

-- forget_files: Remove what was noted of files.
-- $1 file_ids
DELETE FROM files WHERE file_id = any($1::uuid[]);

-- move_files: Note where files lie now; they are read again, for a name says a lot about them.
-- $1 file_ids, $2 root_ids, $3 paths, $4 sizes_bytes, $5 mtimes_ns
UPDATE files f
SET root_id = d.root_id, path = d.path, size_bytes = d.size_bytes, mtime_ns = d.mtime_ns, state = 'present',
    probe = NULL, error = NULL
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::int8[], $5::int8[]) AS d(file_id, root_id, path, size_bytes, mtime_ns)
WHERE f.file_id = d.file_id;

-- count_unread: How many files in the reachable folders wait to be read, and how many cannot be.
-- $1 library_id, $2 codes of errors that pass
SELECT count(*) FILTER (WHERE f.probe IS NULL AND (f.error IS NULL OR f.error ->> 'code' = any($2::text[]))) AS waiting_count,
       count(*) FILTER (WHERE f.error ->> 'code' <> all($2::text[])) AS error_count
FROM files f JOIN roots r ON r.root_id = f.root_id
WHERE r.library_id = $1 AND r.state = 'online' AND f.state = 'present';

-- unread: Files of a folder that wait to be read, in the order of their paths.
-- $1 root_id, $2 after_path, $3 limit, $4 codes of errors that pass
SELECT file_id, path FROM files
WHERE root_id = $1 AND path > $2 AND state = 'present' AND probe IS NULL
  AND (error IS NULL OR error ->> 'code' = any($4::text[]))
ORDER BY path
LIMIT $3;

-- set_facts: Note what was read in files, or why it could not be.
-- $1 file_ids, $2 probes, $3 errors: JSON or null, $4 fingerprints
UPDATE files f SET probe = d.probe::jsonb, error = d.error::jsonb, fingerprint = d.fingerprint
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) AS d(file_id, probe, error, fingerprint)
WHERE f.file_id = d.file_id;

-- used_by: Which items have these files alone, apart from files that are gone or not read yet.
-- $1 file_ids
SELECT u.file_id, u.item_id, i.key
FROM item_files u JOIN items i ON i.item_id = u.item_id
WHERE u.file_id = any($1::uuid[]) AND u.role = 'media'
  AND NOT EXISTS (
      SELECT FROM item_files o JOIN files f ON f.file_id = o.file_id
      WHERE o.item_id = u.item_id AND f.state = 'present' AND f.probe IS NOT NULL
        AND f.file_id <> all($1::uuid[]))
ORDER BY u.file_id, u.item_id;

-- unlink: Take files from items that use them no more; return these items.
-- $1 item_ids, $2 file_ids: the uses that stay
DELETE FROM item_files u
WHERE u.file_id = any($2::uuid[])
  AND NOT EXISTS (SELECT FROM unnest($1::uuid[], $2::uuid[]) AS d(item_id, file_id)
                  WHERE d.item_id = u.item_id AND d.file_id = u.file_id)
RETURNING u.item_id;

-- link: Note which files items use.
-- $1 item_ids, $2 file_ids, $3 roles, $4 versions, $5 parts, $6 starts_at_ms
INSERT INTO item_files AS u (item_id, file_id, role, version, part, starts_at_ms)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int2[], $5::int2[], $6::int8[])
ON CONFLICT (item_id, file_id) DO UPDATE
SET role = excluded.role, version = excluded.version, part = excluded.part, starts_at_ms = excluded.starts_at_ms
WHERE (u.role, u.version, u.part, u.starts_at_ms)
      IS DISTINCT FROM (excluded.role, excluded.version, excluded.part, excluded.starts_at_ms);

-- due: Items of a library for which a picture is to be looked for, the oldest first.
-- $1 library_id
SELECT item_id FROM items WHERE library_id = $1 AND is_picture_due AND state = 'present' ORDER BY item_id;

-- picture_sources: The first readable file that is there of each of these items, and the posters beside it.
-- $1 item_ids
SELECT DISTINCT ON (u.item_id) u.item_id, r.path AS root_path, f.path,
       jsonb_path_exists(f.probe, '$.streams[*] ? (@.kind == "attachment" && (@.codec == "mjpeg" || @.codec == "png" || @.codec == "webp" || @.codec == "gif"))') AS has_cover,
       array(SELECT a.path FROM artwork a
             WHERE a.root_id = f.root_id AND a.media_path = f.path ORDER BY a.place) AS posters
FROM item_files u
JOIN files f ON f.file_id = u.file_id AND f.state = 'present' AND f.probe IS NOT NULL
JOIN roots r ON r.root_id = f.root_id AND r.state = 'online'
WHERE u.item_id = any($1::uuid[]) AND u.role = 'media'
ORDER BY u.item_id, u.version, u.part, f.path;

-- scans: The scans of a library, the latest first.
-- $1 library_id, $2 before_started_at, $3 before_scan_id, $4 limit
SELECT scan_id, state, phase, found_count, done_count, error_count, started_at, ended_at, error_code
FROM scans
WHERE library_id = $1 AND (started_at, scan_id) < ($2::timestamptz, $3::uuid)
ORDER BY started_at DESC, scan_id DESC
LIMIT $4;

-- problems: What is wrong with the files and folders of a library, by folder and path.
-- $1 library_id, $2 after_root_id, $3 after_path, $4 after_kind, $5 limit
-- Of folders and links the last scan that walked to the end knows.
WITH last_walk AS (
    SELECT w.root_id, w.path, w.kind
    FROM (SELECT error_detail FROM scans WHERE library_id = $1 AND error_detail IS NOT NULL
          ORDER BY started_at DESC, scan_id DESC LIMIT 1) s
    CROSS JOIN json_to_recordset(s.error_detail::json) AS w(root_id uuid, path text, kind text)
), wrong AS (
    SELECT f.root_id, f.path, CASE f.state WHEN 'missing' THEN 'missing' ELSE 'file' END AS kind,
           CASE f.state WHEN 'missing' THEN 'media.missing' ELSE f.error ->> 'code' END AS code,
           (SELECT min(i.title) FROM item_files u JOIN items i ON i.item_id = u.item_id WHERE u.file_id = f.file_id) AS title
    FROM files f JOIN roots fr ON fr.root_id = f.root_id
    WHERE fr.library_id = $1 AND (f.state = 'missing' OR f.error IS NOT NULL)
    UNION ALL
    SELECT root_id, decode(path, 'base64'), kind,
           CASE kind WHEN 'link' THEN 'library.link_outside' ELSE 'library.folder_unread' END, NULL
    FROM last_walk
)
SELECT w.root_id, r.path AS root_path, w.path, w.kind, w.code, w.title
FROM wrong w JOIN roots r ON r.root_id = w.root_id AND r.library_id = $1
WHERE (w.root_id, w.path, w.kind) > ($2::uuid, $3::bytea, $4::text)
ORDER BY w.root_id, w.path, w.kind
LIMIT $5;

-- rename: Give a library another name.
-- $1 library_id, $2 name, $3 now
UPDATE libraries SET name = $2, changed_at = $3 WHERE library_id = $1;

-- move_roots: Note that folders of a library lie elsewhere now.
-- $1 library_id, $2 root_ids, $3 paths
UPDATE roots r SET path = d.path
FROM unnest($2::uuid[], $3::bytea[]) AS d(root_id, path)
WHERE r.root_id = d.root_id AND r.library_id = $1 AND r.path <> d.path;

-- remove_roots: Take folders from a library, with what was noted of their files.
-- $1 library_id, $2 root_ids
DELETE FROM roots WHERE library_id = $1 AND root_id = any($2::uuid[]);

-- only_in: The items that have files in these folders of a library and nowhere else.
-- $1 library_id, $2 root_ids
SELECT i.item_id FROM items i
WHERE i.library_id = $1
  AND EXISTS (SELECT FROM item_files u WHERE u.item_id = i.item_id)
  AND NOT EXISTS (SELECT FROM item_files u JOIN files f ON f.file_id = u.file_id
                  WHERE u.item_id = i.item_id AND f.root_id <> all($2::uuid[]))
ORDER BY i.item_id;

-- items_of: The items of a library.
-- $1 library_id
SELECT item_id FROM items WHERE library_id = $1;

-- remove_library: Forget a library and all that hangs on it.
-- $1 library_id
DELETE FROM libraries WHERE library_id = $1;

-- changed_art: Which of these folders hold other artwork than is known.
-- $1 root_id, $2 folders, $3 signatures
SELECT d.path FROM unnest($2::bytea[], $3::bytea[]) AS d(path, signature)
WHERE NOT EXISTS (SELECT FROM art_folders a WHERE a.root_id = $1 AND a.path = d.path AND a.signature = d.signature);

-- gone_art: Folders whose artwork a walk did not see, except below folders that could not be read.
-- $1 root_id, $2 seen folders, $3 unread folders, each with its closing slash
SELECT a.path FROM art_folders a
WHERE a.root_id = $1
  AND NOT EXISTS (SELECT FROM unnest($2::bytea[]) AS s(path) WHERE s.path = a.path)
  AND NOT EXISTS (SELECT FROM unnest($3::bytea[]) AS u(folder) WHERE substr(a.path || '/', 1, length(u.folder)) = u.folder);

-- users_of_art: The items whose posters lie in these folders.
-- $1 root_id, $2 folders
SELECT DISTINCT u.item_id
FROM artwork a
JOIN files f ON f.root_id = a.root_id AND f.path = a.media_path
JOIN item_files u ON u.file_id = f.file_id
WHERE a.root_id = $1 AND a.folder = any($2::bytea[]);

-- drop_art: Forget the artwork of folders.
-- $1 root_id, $2 folders
DELETE FROM art_folders WHERE root_id = $1 AND path = any($2::bytea[]);

-- add_art_folders: Note what artwork folders hold.
-- $1 root_id, $2 folders, $3 signatures
INSERT INTO art_folders (root_id, path, signature)
SELECT $1, d.path, d.signature FROM unnest($2::bytea[], $3::bytea[]) AS d(path, signature);

-- add_artwork: Note the posters of media files, the best first.
-- $1 root_id, $2 folders, $3 media_paths, $4 places, $5 paths
INSERT INTO artwork (root_id, folder, media_path, place, path)
SELECT $1, d.* FROM unnest($2::bytea[], $3::bytea[], $4::int2[], $5::bytea[]) AS d;

-- known_images: Which of these pictures belong to an item.
-- $1 image_ids
SELECT image_id FROM images WHERE image_id = any($1::uuid[]);
