-- Statements for a viewer take $1 library_ids, $2 max_level, and begin with those conditions.

-- list: The libraries with their folders, how many items they show, and their latest scan.
-- $1 library_ids, $2 max_level
select l.library_id, l.name, l.kind,
       (select coalesce(json_agg(json_build_object('root_id', r.root_id, 'path', translate(encode(r.path, 'base64'), E'\n', ''),
                                                   'state', r.state) order by r.path), '[]')
        from roots r where r.library_id = l.library_id) as roots,
       (select count(*) from items i
        where i.library_id = l.library_id and i.rating_level <= $2 and i.on_shelf and i.state = 'present')
       as item_count,
       (select to_json(s) from scans s where s.library_id = l.library_id
        order by s.started_at desc, s.scan_id desc limit 1) as scan
from libraries l
where l.library_id = any($1::uuid[])
order by l.position, l.name, l.library_id;

-- lock_roots: Let one transaction at a time add folders.
lock table roots in share row exclusive mode;

-- all_roots: Every folder of every library.
select root_id, library_id, path from roots order by path;

-- roots_of: The folders of a library.
-- $1 library_id
select root_id, library_id, path from roots where library_id = $1 order by path;

-- add_library: Make a library, the last in order.
-- $1 library_id, $2 kind, $3 name, $4 now
insert into libraries (library_id, kind, name, position, changed_at)
select $1, $2, $3, coalesce(max(position) + 1, 0), $4 from libraries;

-- add_roots: Give a library its folders.
-- $1 library_id, $2 root_ids, $3 paths
insert into roots (root_id, library_id, path)
select d.root_id, $1, d.path from unnest($2::uuid[], $3::bytea[]) as d(root_id, path);

-- set_root_state: Note whether a folder is there.
-- $1 root_id, $2 state
update roots set state = $2 where root_id = $1 and state <> $2;

-- kind_of: The kind of a library.
-- $1 library_id
select kind from libraries where library_id = $1;

-- begin_scan: Open a scan.
-- $1 scan_id, $2 library_id, $3 now
insert into scans (scan_id, library_id, state, phase, started_at) values ($1, $2, 'running', 'walk', $3);

-- save_scan: Note how far a scan is.
-- $1 scan_id, $2 state, $3 phase, $4 found_count, $5 done_count, $6 error_count, $7 ended_at, $8 error_code
update scans
set state = $2, phase = $3, found_count = $4, done_count = $5, error_count = $6, ended_at = $7,
    error_code = $8
where scan_id = $1;

-- close_broken_scans: End the scans that a crash left open; return their libraries.
-- $1 now, $2 code
update scans set state = 'failed', ended_at = $1, error_code = $2 where state = 'running' returning library_id;

-- register: Note the files of a portion of a walk; rows that are right already are not written.
-- $1 root_id, $2 new file_ids, $3 paths, $4 sizes_bytes, $5 mtimes_ns
with walked as (
    select * from unnest($2::uuid[], $3::bytea[], $4::int8[], $5::int8[]) as w(file_id, path, size_bytes, mtime_ns)
), known as (
    select w.*, f.file_id as known_id,
           f.file_id is not null and f.size_bytes = w.size_bytes and f.mtime_ns = w.mtime_ns as is_same,
           f.state
    from walked w
    left join files f on f.root_id = $1 and f.path = w.path
), returned as (
    update files f set state = 'present' from known k
    where f.file_id = k.known_id and k.is_same and k.state <> 'present'
), written as (
    insert into files (file_id, root_id, path, size_bytes, mtime_ns, state)
    select file_id, $1, path, size_bytes, mtime_ns, 'present' from known where not is_same
    on conflict (root_id, path) do update
    set size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, state = 'present',
        fingerprint = null, probe = null, error = null
)
select coalesce(known_id, file_id) from known;

-- has_files: Whether a folder was known to hold files.
-- $1 root_id
select exists (select from files where root_id = $1 and state = 'present');

-- mark_missing: Note the files that a walk did not see, except below folders that could not be read.
-- $1 root_id, $2 seen file_ids, $3 unread folders, each with its closing slash
update files f set state = 'missing'
where f.root_id = $1 and f.state = 'present'
  and not exists (select from unnest($2::uuid[]) as s(file_id) where s.file_id = f.file_id)
  and not exists (select from unnest($3::bytea[]) as u(folder) where substr(f.path, 1, length(u.folder)) = u.folder);

-- count_unread: How many files in the reachable folders wait to be read, and how many cannot be.
-- $1 library_id
select count(*) filter (where f.probe is null and f.error is null) as waiting_count,
       count(*) filter (where f.error is not null) as error_count
from files f join roots r on r.root_id = f.root_id
where r.library_id = $1 and r.state = 'online' and f.state = 'present';

-- unread: Files of a folder that wait to be read, in the order of their paths.
-- $1 root_id, $2 after_path, $3 limit
select file_id, path from files
where root_id = $1 and path > $2 and state = 'present' and probe is null and error is null
order by path
limit $3;

-- set_facts: Note what was read in files, or why it could not be.
-- $1 file_ids, $2 probes, $3 errors: JSON or null
update files f set probe = d.probe::jsonb, error = d.error::jsonb
from unnest($1::uuid[], $2::text[], $3::text[]) as d(file_id, probe, error)
where f.file_id = d.file_id;

-- unlink: Take files from items that use them no more.
-- $1 item_ids, $2 file_ids: the uses that stay
delete from item_files u
where u.file_id = any($2::uuid[])
  and not exists (select from unnest($1::uuid[], $2::uuid[]) as d(item_id, file_id)
                  where d.item_id = u.item_id and d.file_id = u.file_id);

-- link: Note which files items use.
-- $1 item_ids, $2 file_ids, $3 roles, $4 versions, $5 parts, $6 starts_at_ms
insert into item_files as u (item_id, file_id, role, version, part, starts_at_ms)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int2[], $5::int2[], $6::int8[])
on conflict (item_id, file_id) do update
set role = excluded.role, version = excluded.version, part = excluded.part, starts_at_ms = excluded.starts_at_ms
where (u.role, u.version, u.part, u.starts_at_ms)
      is distinct from (excluded.role, excluded.version, excluded.part, excluded.starts_at_ms);

-- bare: Items of a library without a picture, the oldest first.
-- $1 library_id
select item_id from items where library_id = $1 and image_id is null and state = 'present' order by item_id;

-- picture_sources: The first readable file that is there of each of these items.
-- $1 item_ids
select distinct on (u.item_id) u.item_id, r.path as root_path, f.path
from item_files u
join files f on f.file_id = u.file_id and f.state = 'present' and f.probe is not null
join roots r on r.root_id = f.root_id and r.state = 'online'
where u.item_id = any($1::uuid[]) and u.role = 'media'
order by u.item_id, u.version, u.part, f.path;
