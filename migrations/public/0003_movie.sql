CREATE TABLE movies (
    item_id     uuid PRIMARY KEY REFERENCES items ON DELETE CASCADE,
    tagline     text,
    overview    text,
    released_on date
);
