"""Our own search server: Typesense on loopback, with a key of this installation, and a folder of its own."""

import asyncio
import os
import signal
from contextlib import aclosing
from pathlib import Path

from msgspec import Struct

from app.supervisor.child import Account
from app.supervisor.cluster import free_port
from app.supervisor.leftover import end_programs
from app.supervisor.program import Meaning, Spec
from server.kernel.search import SearchAddress, SearchServer, SearchUnwell
from server.kernel.secret import Secret, SecretUrl

_START_TIMEOUT_S = 600.0  # it reads all that it keeps into memory
_STOP_S = 1.0  # what it is told is on the disk before it answers
_CHECK_EVERY_S = 30.0
_MISSES_MAX = 10  # one that is told much is not ready for a while, and is not to be ended for that
_BETWEEN_S = 0.2
_SETTINGS = "typesense.ini"

_DISK_FULL = Meaning("search.disk_full", "The disk of the data directory is full. Make room on it.")
_NO_RIGHT = Meaning(
    "search.no_right",
    "The search server may not use its own files. Give the data directory back to the user of the server.",
)
_NO_MEMORY = Meaning(
    "search.no_memory", "This computer has too little memory free. Close other programs."
)
_KILLED = Meaning(
    "search.killed",
    "Another program or the system ended the search server; the system does so when memory runs out. It is started again by itself.",
)
_UNKNOWN = Meaning(
    "search.ended",
    "The search server ended unexpectedly. It is started again by itself; its log says more.",
)
_SIGNS = (
    ("No space left on device", _DISK_FULL),
    ("Permission denied", _NO_RIGHT),
    ("Cannot allocate memory", _NO_MEMORY),
    ("bad_alloc", _NO_MEMORY),
)
_FROM_OUTSIDE = (9, 15)  # SIGKILL, SIGTERM


class SearchPlace(Struct, frozen=True, kw_only=True):
    """The folder that it works in, and how it is reached."""

    folder: Path
    address: SearchAddress


def prepare_search(data_dir: Path, account: Account | None, key: str) -> SearchPlace:
    """Return a place for it, made if absent, its settings written. Raises: OSError."""
    folder = data_dir / "search"
    folder.mkdir(mode=0o700, exist_ok=True)
    port = free_port()
    settings = folder / _SETTINGS
    settings.unlink(missing_ok=True)
    settings.touch(mode=0o600)
    settings.write_text(_settings(key, port, free_port()))  # not in its command line: all see those
    if account is not None:
        for path in (folder, settings):
            os.chown(path, account.uid, account.gid)
    url = SecretUrl(f"http://127.0.0.1:{port}")
    return SearchPlace(folder=folder, address=SearchAddress(url=url, key=Secret(key)))


def search_spec(
    program: Path, place: SearchPlace, *, account: Account | None, log_file: Path
) -> Spec:
    """Return how a search server is run."""

    async def is_ready(_pid: int) -> bool:
        try:
            async with aclosing(SearchServer(place.address)) as server:
                await server.check()
        except SearchUnwell:
            await asyncio.sleep(_BETWEEN_S)
            return False
        return True

    return Spec(
        name="Typesense",
        family="search",
        command=(
            str(program),
            f"--config={place.folder / _SETTINGS}",
            f"--data-dir={place.folder}",
        ),
        folder=place.folder,
        log_file=log_file,
        account=account,
        is_ready=is_ready,
        clear_away=lambda: end_programs(program.name, place.folder),
        meaning_of=meaning_of,
        start_timeout_s=_START_TIMEOUT_S,
        stop_signals=("SIGTERM", "SIGKILL"),
        stop_wait_s=_STOP_S,
        death_signal=signal.SIGKILL,
        check_interval_s=_CHECK_EVERY_S,
        misses_max=_MISSES_MAX,
    )


def meaning_of(code: int, said: str) -> Meaning:
    """Return what an end of the search server means for a person."""
    if -code in _FROM_OUTSIDE:
        return _KILLED
    return next((meaning for sign, meaning in _SIGNS if sign in said), _UNKNOWN)


def _settings(key: str, port: int, peering_port: int) -> str:
    """Return the settings; it would take in others of its kind from the network, and answer foreign sites."""
    lines = (
        "[server]",
        f"api-key = {key}",
        "api-address = 127.0.0.1",
        f"api-port = {port}",
        "peering-address = 127.0.0.1",
        f"peering-port = {peering_port}",
        "enable-cors = false",
    )
    return "\n".join(lines) + "\n"
