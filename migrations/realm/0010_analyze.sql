-- A planner that still takes the shelf for empty reads all of it for every page; autovacuum comes a minute later.
-- The realm's role may not analyze tables, which are its owner's.
CREATE FUNCTION analyze_shelf() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    ANALYZE items, files, item_files, folders;
    RETURN true;
END;
$$;

-- To know again what was moved: few files are missing, and few wait to be read.
CREATE INDEX files_missing ON files (root_id, size_bytes) WHERE state = 'missing' AND fingerprint IS NOT NULL;
