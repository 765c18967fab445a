ALTER TABLE items ADD COLUMN folded_title text NOT NULL GENERATED ALWAYS AS (
    left(replace(regexp_replace(normalize(lower(title COLLATE "pg_c_utf8"), NFKD), '[\u0300-\u036f]', '', 'g'), 'ß', 'ss'), 150)
) STORED;

DROP INDEX items_recent;
DROP INDEX items_title;
CREATE INDEX items_by_title ON items (kind, sort_title, item_id)
    INCLUDE (library_id, rating_level, year, folded_title) WHERE on_shelf AND state = 'present';
CREATE INDEX items_by_added ON items (library_id, added_at DESC, item_id DESC)
    INCLUDE (kind, rating_level, year, folded_title) WHERE on_shelf AND state = 'present';
CREATE INDEX items_by_year ON items (kind, (-coalesce(year, 0)), sort_title, item_id)
    INCLUDE (library_id, rating_level, year, folded_title) WHERE on_shelf AND state = 'present';
