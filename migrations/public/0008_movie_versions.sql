CREATE TABLE movie_versions (
    item_id   uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    version   smallint NOT NULL,
    label     text NOT NULL,
    edition   text,
    format_3d text,
    disc      text,
    PRIMARY KEY (item_id, version)
);

CREATE TABLE movie_extras (
    item_id uuid PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    kind    text NOT NULL
);
