"""A PostgreSQL data directory of ours: made by initdb, described well enough to run and to log in."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.failure import StartFailed, unusable
from app.supervisor.account import postgres_account, reachable_binaries, require_reachable
from app.supervisor.child import Account, before_exec, foreign_environment
from app.supervisor.leftover import stop_leftover
from bundled.postgres import PostgresBinaries, PostgresMissing, find_postgres

OWNER = "revenge"
DATABASE = "revenge"
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT_BYTES = 108  # sun_path of unix(7), with its closing zero
_INITDB_TIMEOUT_S = 300  # a Raspberry Pi with a slow card

# Fit for a machine with 4 GB that mostly idles; PostgreSQL's own defaults stand for the rest.
_SETTINGS = {
    "max_connections": "30",
    "shared_buffers": "64MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "wal_compression": "pglz",
    "random_page_cost": "1.1",
    "jit": "off",
    # we start it again ourselves: one that restarts itself never ends when it is told to meanwhile (seen with 18.6)
    "restart_after_crash": "off",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}

# io_method's other way keeps three processes that wait for nothing
_NEWER_SETTINGS = {18: {"io_method": "sync"}}
_READY_LINE = 7  # of postmaster.pid: LOCK_FILE_LINE_PM_STATUS in PostgreSQL's pidfile.h


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One data directory with the programs that run it. `port` is None where a socket in `run_dir` serves."""

    folder: Path
    run_dir: Path
    binaries: PostgresBinaries
    account: Account | None
    password: str
    port: int | None

    @property
    def dsn(self) -> str:
        """Return the owner's login. It holds the password: never log it."""
        return self.login(OWNER, self.password)

    def login(self, user: str, password: str, database: str = DATABASE) -> str:
        """Return the address with which a role logs in. It holds the password: never log it."""
        who = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}"
        if self.port is not None:
            return f"{who}@127.0.0.1:{self.port}/{database}"
        return f"{who}@/{database}?host={quote(str(self.run_dir), safe='')}&port=5432"

    @property
    def command(self) -> list[str]:
        """Return the words that start the server in the foreground."""
        settings = dict(_SETTINGS)
        for major, newer in _NEWER_SETTINGS.items():
            settings |= newer if self.binaries.major >= major else {}
        if self.port is None:
            listed = str(self.run_dir).replace('"', '""')  # the setting is a list of quoted paths
            settings |= {"listen_addresses": "", "unix_socket_directories": f'"{listed}"'}
        else:
            settings |= {
                "listen_addresses": "127.0.0.1",
                "port": str(self.port),
                "unix_socket_directories": "",
            }
        words = [str(self.binaries.program("postgres")), "-D", str(self.folder)]
        return words + [
            word for key, value in settings.items() for word in ("-c", f"{key}={value}")
        ]

    def is_ready(self, pid: int) -> bool:
        """Return whether the server with this pid takes connections (its pid file says so, as pg_ctl reads it)."""
        try:
            text = (self.folder / "postmaster.pid").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        lines = text.splitlines()
        if len(lines) <= _READY_LINE:
            return False
        return lines[0].strip() == str(pid) and lines[_READY_LINE].strip() == "ready"


def prepare_cluster(data_dir: Path, *, password: str, binaries_dir: Path | None = None) -> Cluster:
    """Return a cluster that can be started: made if absent, left-over processes stopped. Blocks up to seconds.

    Raises: StartFailed.
    """
    account = postgres_account()
    require_reachable(data_dir, account)
    try:
        found = find_postgres(binaries_dir)
    except PostgresMissing as problem:
        raise StartFailed(str(problem), code="database.no_programs") from problem
    run_dir = data_dir / "run"
    _own_folder(run_dir, account)
    cluster = Cluster(
        folder=data_dir / "postgres",
        run_dir=run_dir,
        binaries=reachable_binaries(found, data_dir, account),
        account=account,
        password=password,
        port=None if fits_socket(run_dir) else free_port(),
    )
    if not cluster.folder.exists():
        _initialise(cluster)
        return cluster
    _check_version(cluster)
    try:
        stop_leftover(cluster.folder, cluster.run_dir)
    except OSError as error:
        raise StartFailed(
            f"What an earlier start left in {cluster.folder} cannot be cleared away: {error.strerror} "
            f"({error.filename}). Mend that, or remove it by hand when no PostgreSQL runs there.",
            code="file.unusable",
            file=error.filename,
            folder=str(cluster.folder),
            why=error.strerror,
        ) from error
    return cluster


def require_plain_path(program: Path) -> None:
    """Raises: StartFailed, where initdb would garble the path: it hands it to a shell in double quotes."""
    if os.name == "posix" and set('"$`\\') & set(str(program)):
        raise StartFailed(
            f'PostgreSQL cannot be started from {program}: one of the signs " $ ` \\ stands in its path. '
            "Choose a data directory, or a folder for the program, without them.",
            code="database.odd_path",
            file=str(program),
        )


def _initialise(cluster: Cluster) -> None:
    """Make the data directory beside its place and rename it, so that a kill leaves nothing half-made."""
    require_plain_path(cluster.binaries.program("postgres"))
    half = cluster.folder.with_name("postgres.new")
    shutil.rmtree(half, ignore_errors=True)
    _own_folder(half, cluster.account)
    password_file = cluster.run_dir / "initdb.password"
    try:
        password_file.write_text(cluster.password, encoding="utf-8")
        password_file.chmod(0o600)
        if cluster.account is not None:
            os.chown(password_file, cluster.account.uid, cluster.account.gid)
        _run(
            cluster,
            [
                *(
                    "initdb",
                    "-D",
                    str(half),
                    "-U",
                    OWNER,
                    f"--pwfile={password_file}",
                    "-A",
                    "scram-sha-256",
                ),
                *(
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C",
                ),
                *("--data-checksums", "--no-instructions"),
            ],
        )
        _run(
            cluster,
            ["postgres", "--single", "-D", str(half), "postgres"],
            f"CREATE DATABASE {DATABASE};\n",
        )
        half.rename(cluster.folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = getattr(error, "strerror", None) or error
        raise StartFailed(
            f"The database could not be made in {cluster.folder}: {reason}.",
            code="database.not_made",
            folder=str(cluster.folder.parent),
            why=str(reason),
        ) from error
    finally:
        password_file.unlink(missing_ok=True)


def _run(cluster: Cluster, words: list[str], text: str = "") -> None:
    done = subprocess.run(
        [str(cluster.binaries.program(words[0])), *words[1:]],
        input=text,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_INITDB_TIMEOUT_S,
        check=False,
        cwd=cluster.run_dir,
        env=foreign_environment(),
        preexec_fn=before_exec(death_signal=signal.SIGTERM, account=cluster.account),
    )
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[-600:]
        raise StartFailed(
            f"The database could not be made in {cluster.folder}: {words[0]} says: {said}",
            code="database.not_made",
            folder=str(cluster.folder.parent),
            why=said,
        )


def _check_version(cluster: Cluster) -> None:
    try:
        made_with = (cluster.folder / "PG_VERSION").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartFailed(
            f"{cluster.folder} is not a PostgreSQL data directory, or is damaged (PG_VERSION cannot be read). "
            "Move it away to start with an empty database, or restore it from a backup.",
            code="database.no_cluster",
            folder=str(cluster.folder),
        ) from error
    if made_with != str(cluster.binaries.major):
        raise StartFailed(
            f"{cluster.folder} was made by PostgreSQL {made_with}, but PostgreSQL {cluster.binaries.version} is "
            f"installed. Name programs of version {made_with} in REVENGE_POSTGRES_BIN, or move the data with pg_upgrade.",
            code="database.other_version",
            folder=str(cluster.folder),
            made_with=made_with,
            installed=cluster.binaries.version,
        )


def _own_folder(folder: Path, account: Account | None) -> None:
    """Make a folder that only the account may enter."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            os.chown(folder, account.uid, account.gid)
    except OSError as error:
        raise unusable(folder, "made", error) from error


def fits_socket(run_dir: Path) -> bool:
    """Return whether a socket there can be bound and named; asyncpg takes a comma for a second host."""
    path = run_dir / _SOCKET_NAME
    is_short = len(os.fsencode(path)) < _SOCKET_PATH_LIMIT_BYTES
    return sys.platform != "win32" and is_short and "," not in str(path)


def free_port() -> int:
    """Return a port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
