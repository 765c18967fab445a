"""`secrets.json`: the random passwords and keys of one installation, made at the first start, mode 0600."""

import secrets
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.failure import StartFailed, unusable
from server.kernel.realm import Secrets, new_secrets
from server.kernel.storage import write_whole


class Kept(Struct, frozen=True, kw_only=True):
    """All that must stay the same from one start to the next.

    `owner_password` opens our own PostgreSQL, `search_key` our own search server: none in a file of an older version.
    """

    realms: Secrets
    owner_password: str
    ticket_secret: str
    search_key: str = ""

    def __repr__(self) -> str:
        return "Kept(***)"


def load_secrets(path: Path, *, may_make: bool) -> Kept:
    """Return the secrets, made now if there are none and `may_make`. Raises: StartFailed."""
    kept = _read(path)
    if kept is not None and kept.search_key:
        return kept
    if kept is not None:
        return _written(path, replace(kept, search_key=_random()))
    if not may_make:
        raise StartFailed(
            f"The file {path} is gone, and with it the passwords of the database beside it. Restore it from a backup.",
            code="secrets.gone",
            file=str(path),
            folder=str(path.parent),
        )
    return _written(path, _new())


def _read(path: Path) -> Kept | None:
    """Return what the file holds, None where it is not there. Raises: StartFailed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        raise StartFailed(
            f"The file {path} is damaged. Restore it from a backup.",
            code="secrets.damaged",
            file=str(path),
            folder=str(path.parent),
        ) from None
    except OSError as error:
        raise unusable(path, "read", error) from error


def _written(path: Path, kept: Kept) -> Kept:
    """Return the secrets once they are in the file. Raises: StartFailed."""
    try:
        write_whole(path, msgspec.json.encode(kept), is_private=True)
    except OSError as error:
        raise unusable(path, "written", error) from error
    return kept


def _new() -> Kept:
    return Kept(
        realms=new_secrets(),
        owner_password=_random(),
        ticket_secret=_random(),
        search_key=_random(),
    )


def _random() -> str:
    return secrets.token_urlsafe(32)
