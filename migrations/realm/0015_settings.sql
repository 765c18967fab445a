-- What administrators chose; keys without a row have their default.
CREATE TABLE settings (
    section text NOT NULL,
    name    text NOT NULL,
    chosen  jsonb NOT NULL,
    PRIMARY KEY (section, name)
);

-- Who changed what, when; without an end, for households change little.
CREATE TABLE setting_changes (
    change_id  uuid PRIMARY KEY,
    section    text NOT NULL,
    name       text NOT NULL,
    value_from jsonb NOT NULL,
    value_to   jsonb NOT NULL,
    is_reset   boolean NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL
);
