"""Our own PostgreSQL: what its program has that others have not."""

import signal
from pathlib import Path

from app.supervisor.cluster import Cluster
from app.supervisor.leftover import stop_leftover
from app.supervisor.program import Meaning, Spec

_START_TIMEOUT_S = (
    600.0  # recovery after a crash replays the log, however long that takes on a slow disk
)
_FAST_STOP_S = 8.0

# What PostgreSQL 18 says in src/backend, and the system's own words in it
_MEANINGS = (
    ("No space left on device", "database.disk_full", "The disk of the data directory is full. Make room on it."),
    ("Disk quota exceeded", "database.quota", "This user may use no more of the disk. Make room on it."),
    ("Read-only file system", "database.read_only", "The disk of the data directory can only be read. Check the disk and mount it anew."),
    ("Input/output error", "database.disk_failing", "The disk of the data directory cannot be read. Check it, it may be failing."),
    ("Permission denied", "database.no_right", "The database may not use its own files. Give the data directory back to the user of the server."),
    ("Cannot allocate memory", "database.no_memory", "This computer has too little memory free. Close other programs."),
    ("could not create shared memory", "database.no_memory", "This computer has too little memory free. Close other programs."),
    ("Too many open files", "database.too_many_files", "The system allows too few open files. Raise that limit, or close other programs."),
    ("could not locate a valid checkpoint record", "database.damaged", "The files of the database are damaged. Restore the data directory from a backup."),
    ("invalid page", "database.damaged", "The files of the database are damaged. Restore the data directory from a backup."),
    ("No such file or directory", "database.files_gone", "Files of the database are gone. Restore the data directory from a backup."),
)  # fmt: skip
_KILLED = Meaning(
    "database.killed",
    "Another program or the system ended the database; the system does so when memory runs out. It is started again by itself.",
)
_UNKNOWN = Meaning(
    "database.ended",
    "The database ended unexpectedly. It is started again by itself; if that keeps happening, its log says more.",
)
_FROM_OUTSIDE = (9, 15)  # SIGKILL, SIGTERM; by number, for not every system has the names


def postgres_spec(cluster: Cluster, log_file: Path) -> Spec:
    """Return how PostgreSQL is run on a cluster.

    It is stopped by the fast way, which writes a checkpoint and rolls open transactions back.
    """

    async def is_ready(pid: int) -> bool:
        return cluster.is_ready(pid)

    return Spec(
        name="PostgreSQL",
        family="database",
        command=tuple(map(str, cluster.command)),
        folder=cluster.run_dir,
        log_file=log_file,
        account=cluster.account,
        is_ready=is_ready,
        clear_away=lambda: stop_leftover(cluster.folder, cluster.run_dir),
        meaning_of=meaning_of,
        start_timeout_s=_START_TIMEOUT_S,
        stop_signals=("SIGINT", "SIGQUIT", "SIGKILL"),
        stop_wait_s=_FAST_STOP_S,
        death_signal=signal.SIGINT,
    )


def meaning_of(code: int, said: str) -> Meaning:
    """Return what an end of PostgreSQL means for a person."""
    if -code in _FROM_OUTSIDE:
        return _KILLED
    found = (Meaning(name, sentence) for sign, name, sentence in _MEANINGS if sign in said)
    return next(found, _UNKNOWN)
