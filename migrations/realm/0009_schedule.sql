-- When the job of a schedule was last enqueued: what came due while the server was off is made up for once.
CREATE TABLE schedules (
    name    text PRIMARY KEY,
    last_at timestamptz NOT NULL
);
