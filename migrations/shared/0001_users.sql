CREATE TABLE users (
    user_id       uuid PRIMARY KEY,
    name          text NOT NULL,
    name_key      text NOT NULL UNIQUE,
    display_name  text NOT NULL,
    password_hash text NOT NULL,
    role          text NOT NULL CHECK (role IN ('administrator', 'member')),
    language      text NOT NULL,
    is_disabled   boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL
);

CREATE TABLE profiles (
    profile_id uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name       text NOT NULL,
    is_default boolean NOT NULL,
    language   text,
    max_level  smallint NOT NULL CHECK (max_level BETWEEN 0 AND 100),
    created_at timestamptz NOT NULL
);
CREATE INDEX profiles_user ON profiles (user_id);
CREATE UNIQUE INDEX profiles_one_default ON profiles (user_id) WHERE is_default;

CREATE TABLE sessions (
    session_id     uuid PRIMARY KEY,
    token_hash     bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    profile_id     uuid NOT NULL REFERENCES profiles ON DELETE CASCADE,
    device_name    text NOT NULL,
    client_address text NOT NULL,
    user_agent     text NOT NULL,
    created_at     timestamptz NOT NULL,
    last_seen_at   timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, last_seen_at DESC);
CREATE INDEX sessions_profile ON sessions (profile_id);

CREATE TABLE login_failures (
    key           text PRIMARY KEY,
    failure_count integer NOT NULL,
    locked_until  timestamptz,
    failed_at     timestamptz NOT NULL
);

CREATE TABLE setup_steps (
    step    text PRIMARY KEY,
    state   text NOT NULL CHECK (state IN ('done', 'skipped')),
    done_at timestamptz NOT NULL
);
