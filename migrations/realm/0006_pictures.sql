-- A picture is looked for once, and again when what it could be made of changed.
ALTER TABLE items ADD COLUMN is_picture_due boolean NOT NULL DEFAULT true;
UPDATE items SET is_picture_due = false WHERE image_id IS NOT NULL;
CREATE INDEX items_picture_due ON items (library_id, item_id) WHERE is_picture_due;

-- Folders that hold pictures beside media files; the signature changes with the names of both and with the pictures.
CREATE TABLE art_folders (
    root_id   uuid NOT NULL REFERENCES roots ON DELETE CASCADE,
    path      bytea NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (root_id, path)
);

CREATE TABLE artwork (
    root_id    uuid NOT NULL,
    folder     bytea NOT NULL,
    media_path bytea NOT NULL,
    place      smallint NOT NULL,
    path       bytea NOT NULL,
    PRIMARY KEY (root_id, media_path, place),
    FOREIGN KEY (root_id, folder) REFERENCES art_folders ON DELETE CASCADE
);
CREATE INDEX artwork_folder ON artwork (root_id, folder);
