"""Who PostgreSQL runs as: ourselves, or the system user `revenge` when we are root."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.failure import StartFailed
from app.supervisor.child import Account
from bundled.postgres import PostgresBinaries

USER_NAME = "revenge"


def postgres_account() -> Account | None:
    """Return the user that PostgreSQL must run as, made if absent; None means ourselves.

    PostgreSQL refuses to run as root. Raises: StartFailed.
    """
    if sys.platform == "win32":
        return None
    import pwd  # noqa: PLC0415  (absent on Windows)

    if os.geteuid() != 0:
        _require_name(pwd.getpwuid)
        return None
    try:
        entry = pwd.getpwnam(USER_NAME)
    except KeyError:
        _make_user()
        entry = pwd.getpwnam(USER_NAME)
    return Account(name=USER_NAME, uid=entry.pw_uid, gid=entry.pw_gid)


def can(account: Account | None, path: Path, right: str) -> bool:
    """Return whether the account has `right` (r, w or x) on the path, as the system sees it."""
    if account is None:
        return os.access(path, {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[right])
    program = shutil.which("test") or "/usr/bin/test"
    answer = subprocess.run(
        [program, f"-{right}", path],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return answer.returncode == 0


def require_reachable(data_dir: Path, account: Account | None) -> None:
    """Raise StartFailed, naming the folder that shuts the account out of the data directory."""
    if account is None or can(account, data_dir, "x"):
        return
    closed = next(
        path for path in (*reversed(data_dir.parents), data_dir) if not can(account, path, "x")
    )
    raise StartFailed(
        f"PostgreSQL runs as the system user {account.name}, who may not enter {closed}, so the data directory "
        f"{data_dir} is out of reach. Choose another with REVENGE_DATA_DIR, or type: chmod o+x {closed}",
        code="data_dir.closed",
        folder=str(data_dir),
        closed=str(closed),
        user=account.name,
    )


def reachable_binaries(
    found: PostgresBinaries, data_dir: Path, account: Account | None
) -> PostgresBinaries:
    """Return programs that the account can run: these, or a copy in a versioned folder of the data directory.

    Raises: StartFailed.
    """
    if account is None or can(account, found.program("postgres"), "x"):
        return found
    if not found.parts:
        raise StartFailed(
            f"The system user {account.name} may not run {found.program('postgres')}, and only programs "
            f"from a package can be copied. Open that folder to others, or unset REVENGE_POSTGRES_BIN."
        )
    target = data_dir / "programs" / f"postgresql-{found.version}"
    if not target.is_dir():
        _copy(found, target, account)
    return PostgresBinaries(
        bin_dir=target / found.bin_dir.relative_to(found.root),
        version=found.version,
        root=target,
        parts=found.parts,
    )


def reachable_program(program: Path, data_dir: Path, account: Account | None) -> Path:
    """Return a program that the account can run: this one, or a copy in the data directory. Raises: OSError."""
    if can(account, program, "x") or not program.exists():
        return program
    copy = data_dir / "programs" / program.name
    copy.parent.mkdir(mode=0o711, exist_ok=True)
    shutil.copyfile(program, copy)
    copy.chmod(0o755)
    return copy


def _copy(found: PostgresBinaries, target: Path, account: Account) -> None:
    target.parent.mkdir(mode=0o711, exist_ok=True)
    half = target.with_name(f"{target.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    for part in found.parts:
        shutil.copytree(found.root / part, half / part, symlinks=True)
    for path in (half, *half.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    half.rename(target)


def _require_name(look_up: Callable[[int], object]) -> None:
    """Say at once what initdb says late: in a container a user id often has no name."""
    try:
        look_up(os.geteuid())
    except KeyError:
        raise StartFailed(
            f"The user id {os.geteuid()} has no name on this system, and PostgreSQL needs one. Add it to "
            "/etc/passwd (in a container: run as root, or as a user of the image)."
        ) from None


def _make_user() -> None:
    program = shutil.which("useradd") or "/usr/sbin/useradd"
    options = [
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]
    try:
        subprocess.run(
            [program, *options, "--user-group", USER_NAME],
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip()
        raise StartFailed(
            f"PostgreSQL does not run as root, and the system user {USER_NAME} could not be made ({said}). "
            f"Make it by hand (useradd --system {USER_NAME}) or start the server as a plain user."
        ) from error
