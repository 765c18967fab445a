-- What happened, for people to read: one row for each event that says so, at its place in the order of events.
-- There is one partition a month (UTC). The realm's role owns no table, so that functions of the owner make and drop them.
CREATE TABLE activity (
    happened_at timestamptz NOT NULL,
    position    bigint NOT NULL,
    kind        text NOT NULL,
    actor_id    uuid,
    actor_name  text,
    address     text,
    subject_id  uuid,
    subject     text,
    failure     text,
    PRIMARY KEY (happened_at, position)
) PARTITION BY RANGE (happened_at);
CREATE INDEX activity_actor ON activity (actor_id, happened_at, position);

-- Two that need the same new month wait for each other.
CREATE FUNCTION make_activity_month(instant timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    month timestamp := date_trunc('month', instant AT TIME ZONE 'UTC');
    name  text := to_char(month, '"activity_"YYYY_MM');
BEGIN
    IF to_regclass('{realm_schema}.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    LOCK TABLE {realm_schema}.activity IN SHARE UPDATE EXCLUSIVE MODE;
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS {realm_schema}.%I PARTITION OF {realm_schema}.activity FOR VALUES FROM (%L) TO (%L)',
        name, month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC'
    );
    RETURN true;
END;
$$;

CREATE FUNCTION forget_activity(before timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = '{realm_schema}.activity'::regclass
          AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before AT TIME ZONE 'UTC'
    LOOP
        EXECUTE format('DROP TABLE {realm_schema}.%I', name);
    END LOOP;
    DELETE FROM {realm_schema}.activity WHERE happened_at < before;
    RETURN true;
END;
$$;
