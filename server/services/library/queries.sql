-- Statements for a viewer take $1 library_ids, $2 max_level, and begin with those conditions.

-- list: The libraries with their folders, how many items they show, and their latest scan.
-- $1 library_ids, $2 max_level
SELECT l.library_id, l.name, l.kind, l.settings,
       (SELECT coalesce(json_agg(json_build_object('root_id', r.root_id, 'path', translate(encode(r.path, 'base64'), E'\n', ''),
                                                   'state', r.state) ORDER BY r.path), '[]')
        FROM roots r WHERE r.library_id = l.library_id) AS roots,
       (SELECT count(*) FROM items i
        WHERE i.library_id = l.library_id AND i.rating_level <= $2 AND i.on_shelf AND i.state = 'present')
       AS item_count,
       (SELECT count(*) FROM items i
        WHERE i.library_id = l.library_id AND i.rating_level <= $2 AND i.is_picture_due AND i.state = 'present')
       AS due_picture_count,
       (SELECT to_json(s) FROM scans s WHERE s.library_id = l.library_id
        ORDER BY s.state = 'running' DESC, s.started_at DESC, s.scan_id DESC LIMIT 1) AS scan
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

-- watched_roots: The folders of the libraries that are to be watched.
SELECT r.root_id, r.library_id, r.path
FROM libraries l JOIN roots r ON r.library_id = l.library_id
WHERE coalesce((l.settings ->> 'is_watched')::boolean, true)
ORDER BY r.path;

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

-- all_libraries: Every library.
SELECT library_id, kind, settings FROM libraries ORDER BY position, library_id;

-- kind_of: The kind of a library.
-- $1 library_id
SELECT kind FROM libraries WHERE library_id = $1;

-- name_of: The name of a library.
-- $1 library_id
SELECT name FROM libraries WHERE library_id = $1;

-- lock_library: Let one transaction at a time decide what is scanned next; the kind of the library.
-- $1 library_id
SELECT kind FROM libraries WHERE library_id = $1 FOR UPDATE;

-- open_scans: The scans of a library that wait or run.
-- $1 library_id
SELECT scan_id, library_id, state, job_id, scope FROM scans WHERE library_id = $1 AND state IN ('waiting', 'running');

-- all_open_scans: The scans of all libraries that wait or run.
SELECT scan_id, library_id, state, job_id, scope FROM scans WHERE state IN ('waiting', 'running') ORDER BY scan_id;

-- add_scan: Put a scan on record.
-- $1 scan_id, $2 library_id, $3 scope: JSON, null for the whole library, $4 now
INSERT INTO scans (scan_id, library_id, state, phase, scope, started_at) VALUES ($1, $2, 'waiting', 'walk', $3::text::jsonb, $4);

-- widen_scan: Let a scan that waits look at more.
-- $1 scan_id, $2 scope: JSON, null for the whole library
UPDATE scans SET scope = $2::text::jsonb WHERE scan_id = $1;

-- set_job: Note which job does a scan.
-- $1 scan_id, $2 job_id
UPDATE scans SET job_id = $2 WHERE scan_id = $1;

-- begin_scan: A scan that waited, or was cut off, runs; nothing for one that was ended meanwhile.
-- $1 scan_id, $2 now
UPDATE scans SET state = 'running', started_at = CASE state WHEN 'waiting' THEN $2 ELSE started_at END
WHERE scan_id = $1 AND state IN ('waiting', 'running')
RETURNING scan_id, library_id, state, job_id, scope;

-- save_scan: Note how far a scan is.
-- $1 scan_id, $2 phase, $3 found_count, $4 done_count, $5 error_count
UPDATE scans SET phase = $2, found_count = $3, done_count = $4, error_count = $5 WHERE scan_id = $1;

-- end_scan: Note how a scan ended.
-- $1 scan_id, $2 state, $3 now, $4 error_code or null, $5 what the walk left out: JSON, null when it did not see all
UPDATE scans
SET state = $2, phase = CASE $2 WHEN 'done' THEN 'done' ELSE phase END, ended_at = $3, error_code = $4, error_detail = $5
WHERE scan_id = $1 AND state IN ('waiting', 'running');

-- forget_scans: Keep the latest scans of a library.
-- $1 library_id, $2 kept_count
DELETE FROM scans
WHERE scan_id IN (SELECT scan_id FROM scans WHERE library_id = $1 AND state NOT IN ('waiting', 'running')
                  ORDER BY started_at DESC, scan_id DESC OFFSET $2)
  AND scan_id <> coalesce((SELECT scan_id FROM scans WHERE library_id = $1 AND error_detail IS NOT NULL
                           ORDER BY started_at DESC, scan_id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000');

-- same_folders: Which of these folders are as they were, and how many media files they hold.
-- $1 root_id, $2 paths, $3 signatures
SELECT d.path, d.media_count
FROM unnest($2::bytea[], $3::bytea[]) AS w(path, signature)
JOIN folders d ON d.root_id = $1 AND d.path = w.path AND d.signature = w.signature;

-- folders: Those of these folders that are known.
-- $1 root_id, $2 paths
SELECT folder_id, path FROM folders WHERE root_id = $1 AND path = any($2::bytea[]);

-- files_of: All files of folders.
-- $1 folder_ids
SELECT file_id, folder_id, path, size_bytes, mtime_ns, role, state FROM files WHERE folder_id = any($1::uuid[]);

-- change_folders: Note how folders are now; one that is due stays so.
-- $1 folder_ids, $2 paths, $3 homes, $4 signatures, $5 media_counts, $6 are_due
UPDATE folders f
SET path = d.path, home = d.home, signature = d.signature, media_count = d.media_count, is_due = f.is_due OR d.is_due
FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[], $5::int[], $6::bool[])
     AS d(folder_id, path, home, signature, media_count, is_due)
WHERE f.folder_id = d.folder_id;

-- change_files: Note how files are now; they are read again.
-- $1 file_ids, $2 folder_ids, $3 paths, $4 sizes_bytes, $5 mtimes_ns, $6 roles
UPDATE files f
SET folder_id = d.folder_id, path = d.path, size_bytes = d.size_bytes, mtime_ns = d.mtime_ns, role = d.role,
    state = 'present', fingerprint = NULL, probe = NULL, error = NULL
FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::int8[], $5::int8[], $6::text[])
     AS d(file_id, folder_id, path, size_bytes, mtime_ns, role)
WHERE f.file_id = d.file_id;

-- set_state: Files are there, or are not.
-- $1 file_ids, $2 state
UPDATE files SET state = $2 WHERE file_id = any($1::uuid[]);

-- has_files: Whether a folder was known to hold files.
-- $1 root_id
SELECT EXISTS (SELECT FROM files WHERE root_id = $1 AND state = 'present');

-- forget_folders: Folders that a walk did not see are gone with their files, except below those that could not be read.
-- $1 root_id, $2 seen folders, $3 unread folders, each with its closing slash, $4 where the walk was: at and below this folder
WITH gone AS (
    UPDATE folders d SET signature = '', media_count = 0, is_due = true
    WHERE d.root_id = $1 AND d.signature IS DISTINCT FROM ''
      AND ($4::bytea = '' OR substr(d.path || '/', 1, length($4::bytea) + 1) = $4::bytea || '/'::bytea)
      AND NOT EXISTS (SELECT FROM unnest($2::bytea[]) AS s(path) WHERE s.path = d.path)
      AND NOT EXISTS (SELECT FROM unnest($3::bytea[]) AS u(folder)
                      WHERE substr(d.path || '/', 1, length(u.folder)) = u.folder)
    RETURNING d.folder_id
)
UPDATE files f SET state = 'missing' FROM gone WHERE f.folder_id = gone.folder_id AND f.state = 'present';

-- retry: Folders with files that something hindered from being read are due again.
-- $1 root_id, $2 codes of errors that pass
UPDATE folders d SET is_due = true
FROM files f
WHERE f.root_id = $1 AND f.role = 'media' AND f.state = 'present' AND f.probe IS NULL
  AND f.error ->> 'code' = any($2::text[]) AND d.folder_id = f.folder_id AND NOT d.is_due;

-- missing_sizes: The sizes of the files of a library that are missing and would be known again.
-- $1 library_id
SELECT DISTINCT f.size_bytes
FROM files f JOIN roots r ON r.root_id = f.root_id
WHERE r.library_id = $1 AND f.state = 'missing' AND f.fingerprint IS NOT NULL;

-- arrivals: New files of these sizes that belong to no item yet: perhaps they were moved.
-- $1 library_id, $2 sizes_bytes
SELECT f.file_id, r.path AS root_path, f.path
FROM files f JOIN roots r ON r.root_id = f.root_id
WHERE r.library_id = $1 AND r.state = 'online' AND f.size_bytes = any($2::int8[])
  AND f.role = 'media' AND f.state = 'present' AND f.probe IS NULL AND f.error IS NULL
  AND NOT EXISTS (SELECT FROM item_files u WHERE u.file_id = f.file_id)
ORDER BY f.file_id;

-- moved: Pairs of a missing file and the arrival that has its content; of several the n-th by path is the n-th.
-- $1 library_id, $2 arrived file_ids, $3 their fingerprints
WITH arrived AS (
    SELECT f.file_id, f.root_id, f.folder_id, f.path, f.size_bytes, f.mtime_ns, d.fingerprint,
           row_number() OVER (PARTITION BY d.fingerprint ORDER BY f.path, f.file_id) AS place
    FROM unnest($2::uuid[], $3::bytea[]) AS d(file_id, fingerprint)
    JOIN files f ON f.file_id = d.file_id
), gone AS (
    SELECT f.file_id, f.fingerprint,
           row_number() OVER (PARTITION BY f.fingerprint ORDER BY f.path, f.file_id) AS place
    FROM files f JOIN roots r ON r.root_id = f.root_id
    WHERE r.library_id = $1 AND f.state = 'missing' AND f.fingerprint = any($3::bytea[])
)
SELECT g.file_id, a.file_id AS arrived_id, a.root_id, a.folder_id, a.path, a.size_bytes, a.mtime_ns
FROM gone g JOIN arrived a ON a.fingerprint = g.fingerprint AND a.place = g.place
ORDER BY g.file_id;

-- forget_files: Remove what was noted of files.
-- $1 file_ids
DELETE FROM files WHERE file_id = any($1::uuid[]);

-- move_files: Note where files lie now; what was read in them is as it was.
-- $1 file_ids, $2 root_ids, $3 folder_ids, $4 paths, $5 sizes_bytes, $6 mtimes_ns
UPDATE files f
SET root_id = d.root_id, folder_id = d.folder_id, path = d.path, size_bytes = d.size_bytes, mtime_ns = d.mtime_ns,
    state = 'present'
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::int8[], $6::int8[])
     AS d(file_id, root_id, folder_id, path, size_bytes, mtime_ns)
WHERE f.file_id = d.file_id;

-- count_unread: How many files in the reachable folders wait to be read, and how many cannot be.
-- $1 library_id, $2 codes of errors that pass
SELECT count(*) FILTER (WHERE f.error IS NULL OR f.error ->> 'code' = any($2::text[])) AS waiting_count,
       count(*) FILTER (WHERE f.error ->> 'code' <> all($2::text[])) AS error_count
FROM roots r JOIN files f ON f.root_id = r.root_id
WHERE r.library_id = $1 AND r.state = 'online'
  AND f.role = 'media' AND f.state = 'present' AND f.probe IS NULL;

-- due_homes: Homes of a root that are to be grouped, in order.
-- $1 root_id, $2 after or null, $3 limit
SELECT DISTINCT home FROM folders
WHERE root_id = $1 AND is_due AND ($2::bytea IS NULL OR home > $2)
ORDER BY home
LIMIT $3;

-- unread: Files of homes that wait to be read, in the order of their paths.
-- $1 root_id, $2 homes, $3 after_path, $4 limit, $5 codes of errors that pass
SELECT f.file_id, f.path
FROM folders d JOIN files f ON f.folder_id = d.folder_id
WHERE d.root_id = $1 AND d.home = any($2::bytea[])
  AND f.path > $3 AND f.role = 'media' AND f.state = 'present' AND f.probe IS NULL
  AND (f.error IS NULL OR f.error ->> 'code' = any($5::text[]))
ORDER BY f.path
LIMIT $4;

-- files_of_homes: The files of homes that are there and can be used, home by home.
-- $1 root_id, $2 homes, $3 after_home, $4 after_path, $5 limit
SELECT d.home, f.file_id, f.path, f.role, f.probe
FROM folders d JOIN files f ON f.folder_id = d.folder_id
WHERE d.root_id = $1 AND d.home = any($2::bytea[]) AND (d.home, f.path) > ($3::bytea, $4::bytea)
  AND f.state = 'present' AND (f.role <> 'media' OR f.probe IS NOT NULL)
ORDER BY d.home, f.path
LIMIT $5;

-- items_of_homes: The items that have files in these homes, be they there or not.
-- $1 root_id, $2 homes
SELECT DISTINCT u.item_id
FROM folders d JOIN files f ON f.folder_id = d.folder_id JOIN item_files u ON u.file_id = f.file_id
WHERE d.root_id = $1 AND d.home = any($2::bytea[]);

-- clear_due: Homes are grouped; of folders that are gone without leaving a file nothing is kept.
-- $1 root_id, $2 homes
WITH left_behind AS (
    DELETE FROM folders d
    WHERE d.root_id = $1 AND d.home = any($2::bytea[]) AND d.signature = ''
      AND NOT EXISTS (SELECT FROM files f WHERE f.folder_id = d.folder_id)
    RETURNING d.folder_id
)
UPDATE folders d SET is_due = false
WHERE d.root_id = $1 AND d.home = any($2::bytea[]) AND d.is_due
  AND NOT EXISTS (SELECT FROM left_behind l WHERE l.folder_id = d.folder_id);

-- set_facts: Note what was read in files, or why it could not be.
-- $1 file_ids, $2 probes, $3 errors: JSON or null, $4 fingerprints
UPDATE files f SET probe = d.probe::jsonb, error = d.error::jsonb, fingerprint = d.fingerprint
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) AS d(file_id, probe, error, fingerprint)
WHERE f.file_id = d.file_id;

-- forget_chapters: Files have no chapters.
-- $1 file_ids
DELETE FROM segments WHERE file_id = any($1::uuid[]) AND kind = 'chapter';

-- add_chapters: Note the chapters of files.
-- $1 file_ids, $2 starts_ms, $3 ends_ms, $4 titles
INSERT INTO segments (file_id, kind, start_ms, end_ms, title)
SELECT d.file_id, 'chapter', d.start_ms, d.end_ms, d.title
FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::text[]) AS d(file_id, start_ms, end_ms, title);

-- used_by: Which items have these files alone, apart from files that are gone or not read yet.
-- $1 file_ids
SELECT u.file_id, u.item_id, i.key
FROM item_files u JOIN items i ON i.item_id = u.item_id
WHERE u.file_id = any($1::uuid[]) AND u.role IN ('media', 'stub')
  AND NOT EXISTS (
      SELECT FROM item_files o JOIN files f ON f.file_id = o.file_id
      WHERE o.item_id = u.item_id AND o.role IN ('media', 'stub') AND f.state = 'present'
        AND (o.role = 'stub' OR f.probe IS NOT NULL)
        AND f.file_id <> all($1::uuid[]))
ORDER BY u.file_id, u.item_id;

-- unlink: Take files from items that use them no more; return these items.
-- $1 item_ids, $2 file_ids: the uses that stay, $3 file_ids: all that were looked at
DELETE FROM item_files u
WHERE u.file_id = any($3::uuid[])
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

-- put_subtitles: Items have these subtitles and no others; those that are noted so already are not written.
-- $1 item_ids, $2 rows as JSON
WITH wanted AS (
    SELECT * FROM json_to_recordset($2::text::json) AS d(
        item_id uuid, file_id uuid, stream_index smallint, of_file_id uuid, format text, language text, title text,
        is_default boolean, is_forced boolean, is_hearing_impaired boolean)
), gone AS (
    DELETE FROM subtitles s
    WHERE s.item_id = any($1::uuid[])
      AND NOT EXISTS (SELECT FROM wanted w
                      WHERE (w.item_id, w.file_id, w.stream_index) = (s.item_id, s.file_id, s.stream_index))
)
INSERT INTO subtitles AS s
       (item_id, file_id, stream_index, of_file_id, format, language, title, is_default, is_forced, is_hearing_impaired)
SELECT * FROM wanted
ON CONFLICT (item_id, file_id, stream_index) DO UPDATE
SET of_file_id = excluded.of_file_id, format = excluded.format, language = excluded.language, title = excluded.title,
    is_default = excluded.is_default, is_forced = excluded.is_forced, is_hearing_impaired = excluded.is_hearing_impaired
WHERE (s.of_file_id, s.format, s.language, s.title, s.is_default, s.is_forced, s.is_hearing_impaired)
      IS DISTINCT FROM (excluded.of_file_id, excluded.format, excluded.language, excluded.title,
                        excluded.is_default, excluded.is_forced, excluded.is_hearing_impaired);

-- due: Items of a library for which pictures are to be looked for, the oldest first.
-- $1 library_id, $2 after_id, $3 limit
SELECT item_id FROM items
WHERE library_id = $1 AND is_picture_due AND item_id > $2 AND state = 'present'
ORDER BY item_id
LIMIT $3;

-- has_due: Whether pictures are to be looked for in a library.
-- $1 library_id
SELECT EXISTS (SELECT FROM items WHERE library_id = $1 AND is_picture_due AND state = 'present');

-- picture_sources: What can give these items their pictures, where the disk is there, and what the ones they have were made of.
-- $1 item_ids
SELECT DISTINCT ON (u.item_id) u.item_id, r.path AS root_path,
       CASE WHEN u.role = 'media' THEN f.path END AS film, f.fingerprint,
       jsonb_path_exists(f.probe, '$.streams[*] ? (@.kind == "attachment" && (@.codec == "mjpeg" || @.codec == "png" || @.codec == "webp" || @.codec == "gif"))') AS has_cover,
       (SELECT coalesce(json_agg(json_build_object(
                   'kind', a.role, 'path', translate(encode(g.path, 'base64'), E'\n', ''), 'size_bytes', g.size_bytes,
                   'mtime_ns', g.mtime_ns) ORDER BY a.part, g.path), '[]')
        FROM item_files a JOIN files g ON g.file_id = a.file_id AND g.state = 'present' AND g.root_id = f.root_id
        WHERE a.item_id = u.item_id AND a.role IN ('poster', 'backdrop', 'logo')) AS art,
       (SELECT coalesce(json_object_agg(m.kind, translate(encode(coalesce(m.source, ''), 'base64'), E'\n', '')), '{}')
        FROM images m WHERE m.item_id = u.item_id) AS sources
FROM item_files u
JOIN files f ON f.file_id = u.file_id AND f.state = 'present' AND (u.role = 'stub' OR f.probe IS NOT NULL)
JOIN roots r ON r.root_id = f.root_id AND r.state = 'online'
WHERE u.item_id = any($1::uuid[]) AND u.role IN ('media', 'stub')
ORDER BY u.item_id, u.role, u.version, u.part, f.path;

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

-- change_library: Give a library another name or settings; null leaves the name, absent settings stay.
-- $1 library_id, $2 name, $3 settings: JSON, $4 now
UPDATE libraries SET name = coalesce($2, name), settings = settings || $3::text::jsonb, changed_at = $4 WHERE library_id = $1;

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

-- remove_library: Forget a library and all that hangs on it; its name.
-- $1 library_id
DELETE FROM libraries WHERE library_id = $1 RETURNING name;

-- known_images: Which of these pictures belong to an item.
-- $1 image_ids
SELECT image_id FROM images WHERE image_id = any($1::uuid[]);

-- analyze: Let the planner know how much there is now.
SELECT analyze_shelf();
