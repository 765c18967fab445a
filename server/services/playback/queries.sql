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
