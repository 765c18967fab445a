"""Where things are: the data directory, the files in it, and what we ship. Reads the environment."""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.failure import StartFailed

environment: Mapping[str, str] = os.environ
_FIRST_START_BYTES = (
    128 * 1024**2
)  # an empty PostgreSQL takes 60 MB, its first log segments the rest
_SYSTEM_CONFIG_FILE = Path("/etc/revenge/config.yaml")


@dataclass(frozen=True, kw_only=True)
class Paths:
    """The places of one installation; all absolute."""

    data_dir: Path
    config_file: Path
    is_config_required: bool
    web_dir: Path
    postgres_bin: Path | None
    typesense_bin: Path | None

    @property
    def lock_file(self) -> Path:
        """The file whose lock says that a server runs."""
        return self.data_dir / "server.lock"

    @property
    def runtime_file(self) -> Path:
        """How to reach the server that runs."""
        return self.data_dir / "runtime.json"

    @property
    def secrets_file(self) -> Path:
        """The random passwords of this installation."""
        return self.data_dir / "secrets.json"

    @property
    def choice_file(self) -> Path:
        """The external PostgreSQL that was chosen in the setup."""
        return self.data_dir / "database.json"

    @property
    def desktop_settings_file(self) -> Path:
        """What the user chose for the windows."""
        return self.data_dir / "desktop.ini"

    @property
    def desktop_session_file(self) -> Path:
        """The session of the windows."""
        return self.data_dir / "desktop-session.json"

    @property
    def id_file(self) -> Path:
        """The random id by which others in the network tell this installation from the next."""
        return self.data_dir / "installation-id"

    @property
    def log_file(self) -> Path:
        """The server's own log."""
        return self.data_dir / "logs" / "revenge.log"

    @property
    def postgres_log_file(self) -> Path:
        """What PostgreSQL says."""
        return self.data_dir / "logs" / "postgres.log"

    @property
    def cache_log_file(self) -> Path:
        """What our own cache server says."""
        return self.data_dir / "logs" / "cache.log"

    @property
    def installed_dir(self) -> Path:
        """Programs that somebody had installed beside Revenge."""
        return self.data_dir / "installed"

    @property
    def install_lock_file(self) -> Path:
        """The file whose lock says that programs are being installed or removed."""
        return self.data_dir / "install.lock"

    @property
    def search_log_file(self) -> Path:
        """What our own search server says."""
        return self.data_dir / "logs" / "search.log"

    @property
    def storage_dir(self) -> Path:
        """Pictures and other files that belong to the catalogue."""
        return self.data_dir / "storage"


def find_paths(env: Mapping[str, str] = environment) -> Paths:
    """Return the places that the environment names, else those of this platform. Raises: StartFailed."""
    data_dir = _named(env, "REVENGE_DATA_DIR") or Path(_usual_data_dir()).absolute()
    config_file = _named(env, "REVENGE_CONFIG_FILE")
    shipped = Path(getattr(sys, "_MEIPASS", None) or Path(__file__).parent.parent)
    return Paths(
        data_dir=data_dir,
        config_file=config_file or _usual_config_file(data_dir, _SYSTEM_CONFIG_FILE),
        is_config_required=config_file is not None,
        web_dir=shipped / "server" / "web" / "dist",
        postgres_bin=_named(env, "REVENGE_POSTGRES_BIN"),
        typesense_bin=_named(env, "REVENGE_TYPESENSE_BIN"),
    )


def prepare_data_dir(paths: Paths) -> None:
    """Make the data directory if absent, and prove that it can be used. Raises: StartFailed."""
    folder = paths.data_dir
    try:
        folder.mkdir(mode=0o711 if _is_root() else 0o700, parents=True, exist_ok=True)
        _require_owner(paths)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(64 * 1024))
            probe.flush()
            os.fsync(probe.fileno())
        for made in (paths.log_file.parent, paths.storage_dir):
            made.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    free_bytes = shutil.disk_usage(folder).free
    is_first = not (folder / "postgres").exists() and not paths.choice_file.exists()
    if is_first and free_bytes < _FIRST_START_BYTES:
        raise StartFailed(
            f"The disk of the data directory {folder} is full: a first start needs {_FIRST_START_BYTES >> 20} MB, "
            f"{free_bytes >> 20} MB are free. Make room, or choose another directory with REVENGE_DATA_DIR.",
            code="data_dir.too_small",
            folder=str(folder),
            near=str(folder),
            needed_mb=_FIRST_START_BYTES >> 20,
            free_mb=free_bytes >> 20,
        )


def _named(env: Mapping[str, str], variable: str) -> Path | None:
    """Return the path in a variable, None where it is empty. Raises: StartFailed."""
    text = env.get(variable, "").strip()
    try:
        text.encode()  # a name that is no UTF-8 could not be said in a log, a page or an address
        return Path(text).expanduser().absolute() if text else None
    except UnicodeEncodeError:
        raise StartFailed(f"{variable} holds a name that is not UTF-8. Rename it.") from None
    except RuntimeError:
        raise StartFailed(
            f"{variable} is {text}, but there is no such user with a home. Write the whole path."
        ) from None


def _usual_config_file(data_dir: Path, system_file: Path) -> Path:
    """Return the file in the data directory, else the system's, where one of them is there."""
    own = data_dir / "config.yaml"
    return system_file if is_there(system_file) and not is_there(own) else own


def is_there(path: Path) -> bool:
    """Return whether something has this name; what cannot be looked at is there, so that reading it says why."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True


def _usual_data_dir() -> str:
    if sys.platform == "linux" and _is_root():
        return "/var/lib/revenge"
    return platformdirs.user_data_dir("revenge", appauthor=False)


def _require_owner(paths: Paths) -> None:
    """Refuse what another user's server made: half of its files would be out of reach."""
    if sys.platform == "win32" or not paths.secrets_file.exists():
        return
    if paths.secrets_file.stat().st_uid != os.geteuid():
        raise StartFailed(
            f"The data directory {paths.data_dir} belongs to the user {paths.secrets_file.owner()}. Start the "
            "server as that user, or choose another directory with REVENGE_DATA_DIR.",
            code="data_dir.foreign",
            folder=str(paths.data_dir),
            near=str(paths.data_dir),
            user=paths.secrets_file.owner(),
        )


def _unusable(folder: Path, error: OSError) -> StartFailed:
    """Return what to raise; `near` is the nearest folder that a person can look at."""
    code, reason = _why(folder, error)
    place = Path(error.filename or folder)
    return StartFailed(
        reason,
        code=code,
        folder=str(folder),
        place=str(place),
        near=str(next(one for one in (place, *place.parents) if os.path.isdir(one))),  # noqa: PTH112 (asks nothing where it may not look)
        why=error.strerror or type(error).__name__,
    )


def _why(folder: Path, error: OSError) -> tuple[str, str]:
    """Return a code and a sentence."""
    other = "or choose another with REVENGE_DATA_DIR."
    match error:
        case PermissionError():
            code = "data_dir.no_right"
            reason = f"The data directory {folder} may not be written by this user. Give it to this user, {other}"
        case FileExistsError() | NotADirectoryError():
            code = "data_dir.not_a_folder"
            place = error.filename or folder
            reason = f"The data directory {folder} cannot be used: {place} is not a directory. Remove what lies in its place, {other}"
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            code = "data_dir.full"
            reason = f"The disk of the data directory {folder} is full. Make room, {other}"
        case _:
            code = "data_dir.read_only" if error.errno == errno.EROFS else "data_dir.unusable"
            said = error.strerror or type(error).__name__
            reason = f"The data directory {folder} cannot be used ({said}). Mend that, {other}"
    return code, reason


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
