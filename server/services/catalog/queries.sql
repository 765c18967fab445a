-- Statements for a viewer take $1 library_ids, $2 max_level, and begin with the same two conditions.

-- page_by_title: Cards of one kind in the order of the shelf, each with the profile's progress.
-- $1 library_ids, $2 max_level, $3 kind, $4 profile_id, $5 after_sort_title, $6 after_id, $7 limit, $8 offset
select i.item_id, i.sort_title, i.added_at, i.card_json,
       p.position as position_ms, p.fraction, p.done_count, p.last_at
from items i
left join progress p on p.item_id = i.item_id and p.profile_id = $4
where i.library_id = any($1::uuid[]) and i.rating_level <= $2
  and i.kind = $3 and i.on_shelf and i.state = 'present'
  and (i.sort_title, i.item_id) > ($5::text, $6::uuid)
order by i.sort_title, i.item_id
limit $7 offset $8;

-- page_by_added: Cards of one kind, newest first, each with the profile's progress.
-- $1 library_ids, $2 max_level, $3 kind, $4 profile_id, $5 before_added_at, $6 before_id, $7 limit, $8 offset
-- Every library gives its newest by its index; one sort of these few is left.
select i.item_id, i.sort_title, i.added_at, i.card_json,
       p.position as position_ms, p.fraction, p.done_count, p.last_at
from unnest($1::uuid[]) as seen(library_id)
cross join lateral (
    select *
    from items i
    where i.library_id = seen.library_id and i.rating_level <= $2
      and i.kind = $3 and i.on_shelf and i.state = 'present'
      and (i.added_at, i.item_id) < ($5::timestamptz, $6::uuid)
    order by i.added_at desc, i.item_id desc
    limit $7::int8 + $8::int8
) i
left join progress p on p.item_id = i.item_id and p.profile_id = $4
order by i.added_at desc, i.item_id desc
limit $7 offset $8;

-- count: How many cards a list has.
-- $1 library_ids, $2 max_level, $3 kind
select count(*)
from items i
where i.library_id = any($1::uuid[]) and i.rating_level <= $2
  and i.kind = $3 and i.on_shelf and i.state = 'present';

-- files: The media files of an item, first edition and first part first.
-- $1 library_ids, $2 max_level, $3 item_id
select f.file_id, f.path, f.size_bytes, f.probe, f.error
from items i
join item_files u on u.item_id = i.item_id and u.role = 'media'
join files f on f.file_id = u.file_id
where i.library_id = any($1::uuid[]) and i.rating_level <= $2
  and i.item_id = $3 and f.state <> 'missing'
order by u.version, u.part, f.path;

-- get_progress: The progress of a profile in an item that it can play; columns are null before the first play.
-- $1 library_ids, $2 max_level, $3 item_id, $4 profile_id
select p.position as position_ms, p.fraction, p.done_count, p.last_at
from items i
left join progress p on p.item_id = i.item_id and p.profile_id = $4
where i.library_id = any($1::uuid[]) and i.rating_level <= $2
  and i.item_id = $3 and i.unit = 'ms';

-- put_progress: Note where a profile is; passing the last tenth counts as one more time watched.
-- $1 library_ids, $2 max_level, $3 item_id, $4 profile_id, $5 position, $6 done_fraction, $7 now
with seen as (
    select i.item_id, least($5::int8, coalesce(i.length, $5::int8)) as position,
           coalesce(least($5::int8, i.length)::real / nullif(i.length, 0), 0)::real as fraction
    from items i
    where i.library_id = any($1::uuid[]) and i.rating_level <= $2
      and i.item_id = $3 and i.unit = 'ms'
)
insert into progress as p (profile_id, item_id, position, fraction, done_count, hidden, last_at)
select $4, item_id, position, fraction, (fraction >= $6::real)::int, false, $7 from seen
on conflict (profile_id, item_id) do update
set position = excluded.position, fraction = excluded.fraction, hidden = false, last_at = excluded.last_at,
    done_count = p.done_count + (excluded.fraction >= $6::real and p.fraction < $6::real)::int
returning position as position_ms, fraction, done_count, last_at;

-- known: The items of a library that have one of these keys, locked until the transaction ends.
-- $1 library_id, $2 keys
select item_id, key, kind, library_id, parent_id, root_item_id, title, sort_title, year, ordinal, length, unit,
       rating_level, on_shelf, image_id, card_json, state, added_at
from items
where library_id = $1 and key = any($2::text[])
order by item_id
for update;

-- upsert: Write items as JSON rows; ids that are there are changed, all others are new.
-- $1 rows, $2 now
insert into items (item_id, key, kind, library_id, parent_id, root_item_id, title, sort_title, year, ordinal, length,
                   unit, rating_level, on_shelf, image_id, card_json, state, added_at, changed_at, version)
select d.*, $2, 1
from json_to_recordset($1::text::json) as d(
    item_id uuid, key text, kind text, library_id uuid, parent_id uuid, root_item_id uuid, title text,
    sort_title text, year smallint, ordinal int[], length int8, unit text, rating_level smallint, on_shelf bool,
    image_id uuid, card_json text, state text, added_at timestamptz)
on conflict (item_id) do update
set kind = excluded.kind, parent_id = excluded.parent_id, root_item_id = excluded.root_item_id,
    title = excluded.title, sort_title = excluded.sort_title, year = excluded.year, ordinal = excluded.ordinal,
    length = excluded.length, unit = excluded.unit, rating_level = excluded.rating_level,
    on_shelf = excluded.on_shelf, card_json = excluded.card_json, state = excluded.state,
    changed_at = excluded.changed_at, version = items.version + 1;

-- settle: An item of the library is present while one of its files is; those without any file stay as they are.
-- $1 library_id, $2 now
with found as (
    select u.item_id, case when bool_or(f.state <> 'missing') then 'present' else 'missing' end as state
    from items i
    join item_files u on u.item_id = i.item_id and u.role = 'media'
    join files f on f.file_id = u.file_id
    where i.library_id = $1
    group by u.item_id
)
update items i
set state = found.state, changed_at = $2, version = i.version + 1
from found
where i.item_id = found.item_id and i.state <> found.state;

-- cards_of: The cards of items, locked until the transaction ends.
-- $1 item_ids
select item_id, card_json from items where item_id = any($1::uuid[]) order by item_id for update;

-- add_images: Note pictures that lie in the storage.
-- $1 image_ids, $2 item_ids, $3 kinds, $4 widths_px, $5 heights_px
insert into images (image_id, item_id, kind, width_px, height_px)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[]);

-- set_images: Show these pictures on the cards.
-- $1 item_ids, $2 image_ids, $3 cards, $4 now
update items i
set image_id = d.image_id, card_json = d.card_json, changed_at = $4, version = i.version + 1
from unnest($1::uuid[], $2::uuid[], $3::text[]) as d(item_id, image_id, card_json)
where i.item_id = d.item_id;
