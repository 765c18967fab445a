-- A planner that still takes the shelf for empty reads all of it for every page; autovacuum comes a minute later.
-- The realm's role may not analyze tables, which are its owner's.
CREATE FUNCTION analyze_shelf() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    ANALYZE items, files, item_files, folders;
    RETURN true;
END;
$$;
