-- page: Jobs of one status after a place in the list, oldest due first, with progress and with the latest error.
-- $1 status, $2 kind or null, $3 after due_at or null, $4 after job_id, $5 limit
SELECT j.id AS job_id, j.headers ->> 'kind' AS kind, j.entrypoint AS queue, j.status::text AS status, j.priority,
       j.attempts AS failure_count, j.created AS created_at, j.execute_after AS due_at, j.updated AS changed_at,
       p.done_count, p.total_count, p.note, l.error_type, l.error
FROM jobs j
LEFT JOIN job_progress p ON p.job_id = j.id
LEFT JOIN LATERAL (
    SELECT g.traceback ->> 'exception_type' AS error_type, g.traceback ->> 'exception_message' AS error
    FROM job_log g
    WHERE g.job_id = j.id AND g.traceback IS NOT NULL
    ORDER BY g.created DESC, g.id DESC
    LIMIT 1
) l ON true
WHERE j.status::text = $1
  AND ($2::text IS NULL OR j.headers ->> 'kind' = $2)
  AND ($3::timestamptz IS NULL OR (j.execute_after, j.id) > ($3, $4::int8))
ORDER BY j.execute_after, j.id
LIMIT $5;

-- dead: Failed jobs before a place in the list, the latest first, with why.
-- $1 kind or null, $2 before changed_at or null, $3 before job_id, $4 limit
SELECT j.id AS job_id, j.headers ->> 'kind' AS kind, j.entrypoint AS queue, j.status::text AS status, j.priority,
       j.attempts AS failure_count, j.created AS created_at, j.execute_after AS due_at, j.updated AS changed_at,
       p.done_count, p.total_count, p.note, l.error_type, l.error
FROM jobs j
LEFT JOIN job_progress p ON p.job_id = j.id
LEFT JOIN LATERAL (
    SELECT g.traceback ->> 'exception_type' AS error_type, g.traceback ->> 'exception_message' AS error
    FROM job_log g
    WHERE g.job_id = j.id AND g.traceback IS NOT NULL
    ORDER BY g.created DESC, g.id DESC
    LIMIT 1
) l ON true
WHERE j.status = 'failed'
  AND ($1::text IS NULL OR j.headers ->> 'kind' = $1)
  AND ($2::timestamptz IS NULL OR (j.updated, j.id) < ($2, $3::int8))
ORDER BY j.updated DESC, j.id DESC
LIMIT $4;

-- ended: Jobs that are no more before a place in the list, the latest first.
-- $1 kind or null, $2 before ended_at or null, $3 before job_id, $4 limit
SELECT e.job_id, e.kind, e.queue, e.failure_count, e.created_at, e.began_at, e.ended_at,
       coalesce(l.status = 'successful', false) AS is_done
FROM job_ends e
LEFT JOIN LATERAL (
    SELECT g.status FROM job_log g WHERE g.job_id = e.job_id ORDER BY g.created DESC, g.id DESC LIMIT 1
) l ON true
WHERE ($1::text IS NULL OR e.kind = $1)
  AND ($2::timestamptz IS NULL OR (e.ended_at, e.job_id) < ($2, $3::int8))
ORDER BY e.ended_at DESC, e.job_id DESC
LIMIT $4;

-- alive: Which of these jobs wait or run.
-- $1 job_ids
SELECT id FROM jobs WHERE id = any($1::int8[]) AND status IN ('queued', 'picked');

-- counts: How many jobs there are by queue, kind and status.
SELECT entrypoint AS queue, headers ->> 'kind' AS kind, status::text AS status, count(*) AS job_count
FROM jobs
GROUP BY 1, 2, 3;

-- cancel: Remove jobs and log it; those that run are told by a notification.
-- $1 job_ids
WITH gone AS (
    DELETE FROM jobs WHERE id = any($1::int8[]) RETURNING id, entrypoint, priority
)
INSERT INTO job_log (job_id, status, entrypoint, priority)
SELECT id, 'canceled', entrypoint, priority FROM gone;

-- notify: Say something on a channel when the transaction commits.
-- $1 channel, $2 payload
SELECT pg_notify($1, $2) IS NULL;

-- replay: Give held jobs of kinds that there are all their tries again, but not where the same work waits already.
-- $1 job_ids, $2 or a kind, $3 kinds that there are, $4 their queues
WITH held AS (
    SELECT DISTINCT ON (coalesce(h.dedupe_key, h.id::text)) h.id, k.queue
    FROM jobs h
    JOIN unnest($3::text[], $4::text[]) AS k (kind, queue) ON k.kind = h.headers ->> 'kind'
    WHERE h.status = 'failed' AND (h.id = any($1::int8[]) OR h.headers ->> 'kind' = $2)
      AND NOT EXISTS (
          SELECT FROM jobs o WHERE o.dedupe_key = h.dedupe_key AND o.status IN ('queued', 'picked'))
    ORDER BY coalesce(h.dedupe_key, h.id::text), h.id
), again AS (
    UPDATE jobs j
    SET status = 'queued', entrypoint = held.queue, execute_after = now(), updated = now(), attempts = 0,
        queue_manager_id = NULL, slot = NULL
    FROM held
    WHERE j.id = held.id
    RETURNING j.id, j.entrypoint, j.priority
)
INSERT INTO job_log (job_id, status, entrypoint, priority)
SELECT id, 'queued', entrypoint, priority FROM again;

-- hold_unknown: Hold what waits and can never run: its kind or its queue is no more.
-- $1 kinds that there are, $2 queues that there are, $3 why as a type, $4 why as a sentence
WITH held AS (
    UPDATE jobs
    SET status = 'failed', updated = now(), queue_manager_id = NULL, slot = NULL
    WHERE status = 'queued'
      AND NOT (coalesce(headers ->> 'kind', '') = any($1::text[]) AND entrypoint = any($2::text[]))
    RETURNING id, entrypoint, priority, headers ->> 'kind' AS kind
), logged AS (
    INSERT INTO job_log (job_id, status, entrypoint, priority, traceback)
    SELECT id, 'failed', entrypoint, priority,
           jsonb_build_object('exception_type', $3::text, 'exception_message', $4::text)
    FROM held
)
SELECT kind, count(*) AS job_count FROM held GROUP BY kind;

-- forget_kind: Remove all held jobs of a kind.
-- $1 kind
WITH gone AS (
    DELETE FROM jobs WHERE status = 'failed' AND headers ->> 'kind' = $1 RETURNING id, entrypoint, priority
)
INSERT INTO job_log (job_id, status, entrypoint, priority)
SELECT id, 'deleted', entrypoint, priority FROM gone;

-- put_progress: Note how far a job is; nothing where it is gone.
-- $1 job_id, $2 done_count, $3 total_count, $4 note, $5 now
INSERT INTO job_progress AS p (job_id, done_count, total_count, note, changed_at)
SELECT id, $2, $3, $4, $5 FROM jobs WHERE id = $1
ON CONFLICT (job_id) DO UPDATE
SET done_count = excluded.done_count, total_count = excluded.total_count, note = excluded.note,
    changed_at = excluded.changed_at;

-- advance: Log that a job got further, so that its picks until now count as lost no more.
-- $1 job_id
INSERT INTO job_log (job_id, status, entrypoint, priority)
SELECT id, 'queued', entrypoint, priority FROM jobs WHERE id = $1;

-- paused: The queues that are paused.
SELECT queue FROM job_pauses;

-- pause: Pause queues.
-- $1 queues, $2 now
INSERT INTO job_pauses (queue, paused_at)
SELECT unnest($1::text[]), $2
ON CONFLICT (queue) DO NOTHING;

-- resume: Let queues go on.
-- $1 queues
DELETE FROM job_pauses WHERE queue = any($1::text[]);

-- forget_log: Remove log rows that are older than their status is kept, except those of jobs that are still there.
-- $1 completed_before, $2 cancelled_before, $3 discarded_before
WITH ended AS (
    SELECT DISTINCT job_id
    FROM job_log
    WHERE (status IN ('successful', 'deleted') AND created < $1)
       OR (status = 'canceled' AND created < $2)
       OR (status IN ('failed', 'exception') AND created < $3)
)
DELETE FROM job_log l
USING ended
WHERE l.job_id = ended.job_id AND NOT EXISTS (SELECT FROM jobs j WHERE j.id = l.job_id);

-- forget_ends: Remove ended jobs whose log is gone.
DELETE FROM job_ends e WHERE NOT EXISTS (SELECT FROM job_log l WHERE l.job_id = e.job_id);

-- forget_held: Remove failed jobs that nobody replayed in time.
-- $1 discarded_before
WITH gone AS (
    DELETE FROM jobs WHERE status = 'failed' AND updated < $1 RETURNING id, entrypoint, priority
)
INSERT INTO job_log (job_id, status, entrypoint, priority)
SELECT id, 'deleted', entrypoint, priority FROM gone;

-- lost_runs: How often each of these jobs was picked since it last ended in any way, or got further.
-- $1 job_ids
SELECT l.job_id, count(*)::int4 AS pick_count
FROM job_log l
WHERE l.job_id = any($1::int8[]) AND l.status = 'picked'
  AND l.id > coalesce((SELECT max(o.id) FROM job_log o WHERE o.job_id = l.job_id AND o.status <> 'picked'), 0)
GROUP BY l.job_id;

-- give_back: Queue a job again that was stopped, without counting a failure.
-- $1 job_id
WITH back AS (
    UPDATE jobs
    SET status = 'queued', execute_after = now(), updated = now(), queue_manager_id = NULL, slot = NULL
    WHERE id = $1 AND status = 'picked'
    RETURNING id, entrypoint, priority
)
INSERT INTO job_log (job_id, status, entrypoint, priority)
SELECT id, 'queued', entrypoint, priority FROM back;

-- give_back_orphans: Queue all jobs again that were running; unlogged, so that their picks go on counting as lost.
UPDATE jobs
SET status = 'queued', updated = now(), queue_manager_id = NULL, slot = NULL
WHERE status = 'picked'
RETURNING id;

-- settle_clock: What a clock queued that was set back since comes due as long after now as it was to come due then.
UPDATE jobs
SET execute_after = now() + (execute_after - updated), updated = now()
WHERE status = 'queued' AND updated > now() + interval '1 minute';
