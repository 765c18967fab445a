"""`runtime.json`: how to reach the server that runs on a data directory. It holds secrets: mode 0600."""

from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

from server.kernel.storage import write_whole


class Runtime(Struct, frozen=True, kw_only=True):
    """The running server. `started_at_s` tells its process from a later one with the same pid."""

    pid: int
    started_at_s: float
    control_url: str
    token: str
    address: str
    version: str
    database_dsn: str | None = None


def write_runtime(path: Path, runtime: Runtime) -> None:
    """Replace the file. Raises: OSError."""
    write_whole(path, msgspec.json.encode(runtime), is_private=True)


def read_runtime(path: Path) -> Runtime | None:
    """Return what the file says of a server that is alive, else None."""
    try:
        runtime = msgspec.json.decode(path.read_bytes(), type=Runtime)
        alive = psutil.Process(runtime.pid).create_time() == runtime.started_at_s
    except (OSError, msgspec.MsgspecError, psutil.Error):
        return None
    return runtime if alive else None


def own_start_s() -> float:
    """Return when this process started, as `psutil` tells it to others too."""
    return psutil.Process().create_time()
