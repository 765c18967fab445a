-- What a profile likes to hear and to read; languages as ISO 639-2, the best first.
CREATE TABLE play_preferences (
    profile_id         uuid PRIMARY KEY REFERENCES shared.profiles ON DELETE CASCADE,
    audio_languages    text[] NOT NULL,
    subtitle_languages text[] NOT NULL
);

-- Where the pictures of films can be cut apart whose container does not say so; found once, by reading all of the file.
CREATE TABLE keyframes (
    file_id    uuid PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    size_bytes bigint NOT NULL,
    mtime_ns   bigint NOT NULL,
    times_ms   integer[] NOT NULL,
    length_ms  bigint NOT NULL
);
