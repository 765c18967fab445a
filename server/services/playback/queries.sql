-- Statements for a viewer take $1 library_ids, $2 max_level, and begin with the same two conditions.

-- file: Where a file of an item lies that the viewer may see.
-- $1 library_ids, $2 max_level, $3 file_id
select f.file_id, r.path as root_path, f.path, f.state, f.probe ->> 'media_type' as media_type
from items i
join item_files u on u.item_id = i.item_id
join files f on f.file_id = u.file_id
join roots r on r.root_id = f.root_id
where i.library_id = any($1::uuid[]) and i.rating_level <= $2
  and f.file_id = $3
limit 1;

-- image: The picture of an item that the viewer may see.
-- $1 library_ids, $2 max_level, $3 image_id
select g.image_id
from items i
join images g on g.item_id = i.item_id
where i.library_id = any($1::uuid[]) and i.rating_level <= $2
  and g.image_id = $3;
