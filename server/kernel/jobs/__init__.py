"""Background work that survives everything: queued in the transaction that wants it, run by PgQueuer."""

from server.kernel.jobs.model import (
    LIBRARY,
    METADATA,
    NOTIFICATION,
    QUEUES,
    SCROBBLE,
    TRANSCODE,
    Backoff,
    Job,
    JobRow,
    JobTimedOut,
    Kind,
    Queue,
    Run,
    exponential,
    job,
    jobs_of,
)
from server.kernel.jobs.runner import Pace, Runner
from server.kernel.jobs.service import Jobs

__all__ = [
    "LIBRARY",
    "METADATA",
    "NOTIFICATION",
    "QUEUES",
    "SCROBBLE",
    "TRANSCODE",
    "Backoff",
    "Job",
    "JobRow",
    "JobTimedOut",
    "Jobs",
    "Kind",
    "Pace",
    "Queue",
    "Run",
    "Runner",
    "exponential",
    "job",
    "jobs_of",
]
