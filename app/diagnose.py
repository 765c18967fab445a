"""`diagnostics`: what would be given to those who help, listed, printed, or written to a file."""

import http.client
import os
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from app.diagnostics import Documents, archive, gathered_from
from app.failure import StartFailed, unusable
from app.paths import Paths, find_paths
from app.runtime import read_runtime

_TIMEOUT_S = 5.0
_ANSWER_BYTES_MAX = 16 * 1024**2


def diagnose(output: Path | None, *, is_json: bool) -> int:
    """Print what the archive would hold, or write it; a file that is there stays. Raises: StartFailed."""
    paths = find_paths()
    documents = _of_server(paths) or gathered_from(paths)
    if output is not None:
        _write(output, archive(documents))
        print(
            f"{output} is written. It holds no names, no files and no secrets; look into it before you give it away."
        )
    elif is_json:
        print(msgspec.json.encode(documents).decode())
    else:
        for one in documents.items:
            print(f"{one.size_bytes:>9}  {one.name}")
        print("\nWrite it with --output FILE.zip, or read it with --json.")
    return 0


def _of_server(paths: Paths) -> Documents | None:
    """Return what the server that runs tells of itself; None where none does, or none answers."""
    runtime = read_runtime(paths.runtime_file)
    if runtime is None:
        return None
    connection = http.client.HTTPConnection(
        urlsplit(runtime.control_url).netloc, timeout=_TIMEOUT_S
    )
    try:
        token = {"Authorization": f"Bearer {runtime.token}"}
        connection.request("GET", "/control/v1/diagnostics", headers=token)
        return msgspec.json.decode(connection.getresponse().read(_ANSWER_BYTES_MAX), type=Documents)
    except (OSError, http.client.HTTPException, msgspec.MsgspecError):
        return None
    finally:
        connection.close()


def _write(path: Path, content: bytes) -> None:
    """Make the file, for its owner only. Raises: StartFailed."""
    try:
        descriptor = os.open(
            path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
        )
    except FileExistsError as error:
        raise StartFailed(
            f"{path} is already there. Name another file, or remove that one."
        ) from error
    except OSError as error:
        raise unusable(path, "written", error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise unusable(path, "written", error) from error
