-- Jobs that are no more, whatever removed them, for the list of what was done; how each ended stands in job_log.
CREATE TABLE job_ends (
    job_id        bigint PRIMARY KEY,
    kind          text,
    queue         text NOT NULL,
    failure_count integer NOT NULL,
    created_at    timestamptz NOT NULL,
    began_at      timestamptz,
    ended_at      timestamptz NOT NULL
);
CREATE INDEX job_ends_ended ON job_ends (ended_at DESC, job_id DESC);

CREATE FUNCTION jobs_ended() RETURNS trigger AS $$
BEGIN
    INSERT INTO job_ends (job_id, kind, queue, failure_count, created_at, began_at, ended_at)
    SELECT id, headers ->> 'kind', entrypoint, attempts, created,
           CASE WHEN status = 'picked' THEN updated END, now()
    FROM gone;
    RETURN NULL;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER jobs_ended
AFTER DELETE ON jobs
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION jobs_ended();
