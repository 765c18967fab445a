-- version: What the database calls its version, such as `18.1 (Debian)`.
SELECT current_setting('server_version') AS version;

-- places: The folders of all libraries.
SELECT l.name AS library, r.path
FROM roots AS r
JOIN libraries AS l USING (library_id)
ORDER BY l.name, r.path;
