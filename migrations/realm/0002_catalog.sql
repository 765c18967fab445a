CREATE TABLE libraries (
    library_id uuid PRIMARY KEY,
    kind       text NOT NULL,
    name       text NOT NULL,
    settings   jsonb NOT NULL DEFAULT '{}',
    position   integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL
);

CREATE TABLE roots (
    root_id    uuid PRIMARY KEY,
    library_id uuid NOT NULL REFERENCES libraries ON DELETE CASCADE,
    path       bytea NOT NULL,
    state      text NOT NULL DEFAULT 'online' CHECK (state IN ('online', 'offline')),
    UNIQUE (library_id, path)
);

CREATE TABLE scans (
    scan_id      uuid PRIMARY KEY,
    library_id   uuid NOT NULL REFERENCES libraries ON DELETE CASCADE,
    state        text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    phase        text NOT NULL CHECK (phase IN ('walk', 'probe', 'pictures', 'done')),
    found_count  integer NOT NULL DEFAULT 0,
    done_count   integer NOT NULL DEFAULT 0,
    error_count  integer NOT NULL DEFAULT 0,
    started_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    error_code   text,
    error_detail text
);
CREATE INDEX scans_library ON scans (library_id, started_at DESC);

CREATE TABLE items (
    item_id      uuid PRIMARY KEY,
    key          text NOT NULL,
    kind         text NOT NULL,
    library_id   uuid NOT NULL REFERENCES libraries ON DELETE CASCADE,
    parent_id    uuid REFERENCES items ON DELETE CASCADE,
    root_item_id uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    title        text NOT NULL,
    sort_title   text NOT NULL,
    year         smallint,
    ordinal      integer[] NOT NULL DEFAULT '{}',
    length       bigint,
    unit         text NOT NULL CHECK (unit IN ('ms', 'page', 'permille', 'none')),
    rating_level smallint NOT NULL CHECK (rating_level BETWEEN 0 AND 100),
    on_shelf     boolean NOT NULL,
    image_id     uuid,
    card_json    text NOT NULL,
    state        text NOT NULL CHECK (state IN ('present', 'missing')),
    added_at     timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    version      bigint NOT NULL,
    UNIQUE (library_id, key)
);
CREATE INDEX items_recent ON items (library_id, added_at DESC, item_id DESC) WHERE on_shelf;
CREATE INDEX items_title ON items (kind, sort_title, item_id);
CREATE INDEX items_parent ON items (parent_id);
CREATE INDEX items_root_item ON items (root_item_id);

CREATE TABLE files (
    file_id     uuid PRIMARY KEY,
    root_id     uuid NOT NULL REFERENCES roots ON DELETE CASCADE,
    path        bytea NOT NULL,
    size_bytes  bigint NOT NULL,
    mtime_ns    bigint NOT NULL,
    fingerprint bytea,
    probe       jsonb,
    state       text NOT NULL CHECK (state IN ('present', 'missing')),
    error       jsonb,
    UNIQUE (root_id, path)
);
CREATE INDEX files_fingerprint ON files (fingerprint);

CREATE TABLE item_files (
    item_id      uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    file_id      uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    role         text NOT NULL CHECK (role IN ('media', 'subtitle', 'image', 'sidecar')),
    version      smallint NOT NULL DEFAULT 0,
    part         smallint NOT NULL DEFAULT 0,
    starts_at_ms bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (item_id, file_id)
);
CREATE INDEX item_files_file ON item_files (file_id);

CREATE TABLE external_ids (
    item_id uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    source  text NOT NULL,
    value   text NOT NULL,
    PRIMARY KEY (item_id, source, value)
);
CREATE INDEX external_ids_value ON external_ids (source, value);

CREATE TABLE images (
    image_id  uuid PRIMARY KEY,
    item_id   uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    kind      text NOT NULL,
    lang      text,
    votes     integer NOT NULL DEFAULT 0,
    blurhash  text,
    width_px  integer NOT NULL,
    height_px integer NOT NULL
);
CREATE INDEX images_item ON images (item_id);

CREATE TABLE segments (
    file_id  uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    kind     text NOT NULL,
    start_ms bigint NOT NULL,
    end_ms   bigint NOT NULL CHECK (end_ms >= start_ms),
    PRIMARY KEY (file_id, kind, start_ms)
);

CREATE TABLE progress (
    profile_id uuid NOT NULL REFERENCES shared.profiles ON DELETE CASCADE,
    item_id    uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    position   bigint NOT NULL CHECK (position >= 0),
    fraction   real NOT NULL CHECK (fraction BETWEEN 0 AND 1),
    done_count integer NOT NULL DEFAULT 0,
    hidden     boolean NOT NULL DEFAULT false,
    last_at    timestamptz NOT NULL,
    PRIMARY KEY (profile_id, item_id)
);
CREATE INDEX progress_recent ON progress (profile_id, last_at DESC);
CREATE INDEX progress_item ON progress (item_id);

CREATE TABLE plays (
    play_id    uuid NOT NULL,
    profile_id uuid NOT NULL REFERENCES shared.profiles ON DELETE CASCADE,
    item_id    uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    from_pos   bigint NOT NULL,
    to_pos     bigint NOT NULL,
    device     text NOT NULL,
    method     text NOT NULL,
    source     text NOT NULL,
    PRIMARY KEY (play_id, started_at)
) PARTITION BY RANGE (started_at);
CREATE TABLE plays_default PARTITION OF plays DEFAULT;
CREATE INDEX plays_recent ON plays (profile_id, started_at DESC);
CREATE INDEX plays_item ON plays (item_id);

CREATE TABLE lists (
    list_id uuid PRIMARY KEY,
    owner   uuid NOT NULL REFERENCES shared.profiles ON DELETE CASCADE,
    kind    text NOT NULL,
    pool    text NOT NULL,
    rules   jsonb
);
CREATE INDEX lists_owner ON lists (owner);

CREATE TABLE list_entries (
    list_id  uuid NOT NULL REFERENCES lists ON DELETE CASCADE,
    position bigint NOT NULL,
    item_id  uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    PRIMARY KEY (list_id, position)
);
CREATE INDEX list_entries_item ON list_entries (item_id);

CREATE TABLE marks (
    profile_id uuid NOT NULL REFERENCES shared.profiles ON DELETE CASCADE,
    item_id    uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    favourite  boolean NOT NULL DEFAULT false,
    rating_100 smallint CHECK (rating_100 BETWEEN 0 AND 100),
    PRIMARY KEY (profile_id, item_id)
);
CREATE INDEX marks_item ON marks (item_id);

CREATE TABLE search_documents (
    item_id      uuid PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    kind         text NOT NULL,
    library_id   uuid NOT NULL,
    rating_level smallint NOT NULL,
    title        text NOT NULL,
    body         tsvector NOT NULL,
    facets       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX search_documents_body ON search_documents USING gin (body);

CREATE TABLE lexemes (
    word text PRIMARY KEY,
    ndoc integer NOT NULL
);
