-- A folder as it was seen last. With null as signature it is looked at again, with an empty one it is gone.
-- Folders of one home make their items together; while one of them is due, the home is to be grouped.
CREATE TABLE folders (
    folder_id   uuid PRIMARY KEY,
    root_id     uuid NOT NULL REFERENCES roots ON DELETE CASCADE,
    path        bytea NOT NULL,
    home        bytea NOT NULL,
    signature   bytea,
    media_count integer NOT NULL DEFAULT 0,
    is_due      boolean NOT NULL,
    UNIQUE (root_id, path)
);
CREATE INDEX folders_home ON folders (root_id, home);
CREATE INDEX folders_due ON folders (root_id, home) WHERE is_due;

ALTER TABLE files ADD COLUMN folder_id uuid REFERENCES folders ON DELETE CASCADE;
ALTER TABLE files ADD COLUMN role text NOT NULL DEFAULT 'media'
    CHECK (role IN ('media', 'stub', 'subtitle', 'image', 'sidecar'));
ALTER TABLE files ALTER COLUMN role DROP DEFAULT;
-- Paths are bytes: LATIN1 gives each byte a sign and takes it back.
CREATE TEMPORARY TABLE known ON COMMIT DROP AS
SELECT file_id, root_id,
       convert_to(regexp_replace(convert_from(path, 'LATIN1'), '/?[^/]*$', ''), 'LATIN1') AS folder
FROM files;
INSERT INTO folders (folder_id, root_id, path, home, is_due)
SELECT gen_random_uuid(), root_id, folder, folder, true FROM (SELECT DISTINCT root_id, folder FROM known) k;
UPDATE files f SET folder_id = d.folder_id
FROM known k JOIN folders d ON d.root_id = k.root_id AND d.path = k.folder
WHERE k.file_id = f.file_id;
ALTER TABLE files ALTER COLUMN folder_id SET NOT NULL;
CREATE INDEX files_folder ON files (folder_id);
CREATE INDEX files_unread ON files (root_id, path) WHERE role = 'media' AND state = 'present' AND probe IS NULL;
ALTER TABLE files ALTER COLUMN state SET DEFAULT 'present';

ALTER TABLE item_files DROP CONSTRAINT item_files_role_check;
ALTER TABLE item_files ADD CONSTRAINT item_files_role_check CHECK (role IN (
    'media', 'stub', 'subtitle', 'sidecar',
    'poster', 'backdrop', 'banner', 'clearart', 'disc', 'landscape', 'logo'));

-- A track of a file that is one, or that has many; stream_index is 0 in a file that is one.
-- Without of_file_id it belongs to all videos of the item.
CREATE TABLE subtitles (
    item_id             uuid NOT NULL REFERENCES items ON DELETE CASCADE,
    file_id             uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    stream_index        smallint NOT NULL,
    of_file_id          uuid REFERENCES files ON DELETE CASCADE,
    format              text NOT NULL,
    language            text,
    title               text,
    is_default          boolean NOT NULL,
    is_forced           boolean NOT NULL,
    is_hearing_impaired boolean NOT NULL,
    PRIMARY KEY (item_id, file_id, stream_index)
);
CREATE INDEX subtitles_file ON subtitles (file_id);
CREATE INDEX subtitles_of_file ON subtitles (of_file_id);

-- Chapters stand here only, no longer in what was read of a file.
ALTER TABLE segments ADD COLUMN title text;
INSERT INTO segments (file_id, kind, start_ms, end_ms, title)
SELECT DISTINCT ON (f.file_id, (c ->> 'start_ms')::bigint)
       f.file_id, 'chapter', (c ->> 'start_ms')::bigint, (c ->> 'start_ms')::bigint, c ->> 'title'
FROM files f CROSS JOIN jsonb_array_elements(f.probe -> 'chapters') c;
UPDATE files SET probe = jsonb_set(probe, '{chapters}', '[]') WHERE jsonb_array_length(probe -> 'chapters') > 0;

-- What a picture was made of: made of the same again, it would be the same.
ALTER TABLE images ADD COLUMN source bytea;
DROP TABLE artwork;
DROP TABLE art_folders;

ALTER TABLE scans DROP CONSTRAINT scans_state_check;
ALTER TABLE scans ADD CONSTRAINT scans_state_check CHECK (state IN ('waiting', 'running', 'done', 'failed'));
UPDATE scans SET phase = 'done' WHERE phase = 'pictures';
ALTER TABLE scans DROP CONSTRAINT scans_phase_check;
ALTER TABLE scans ADD CONSTRAINT scans_phase_check CHECK (phase IN ('walk', 'probe', 'done'));
ALTER TABLE scans ADD COLUMN scope jsonb;
ALTER TABLE scans ADD COLUMN job_id bigint;
CREATE UNIQUE INDEX scans_waiting ON scans (library_id) WHERE state = 'waiting';
