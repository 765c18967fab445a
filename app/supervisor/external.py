"""Checks a PostgreSQL that is not ours before anything is built on it."""

import asyncio

import asyncpg

from app.failure import StartFailed
from bundled.postgres import MINIMUM_MAJOR

_CONNECT_TIMEOUT_S = 5.0
_PAUSE_S = 0.5


async def check_external(dsn: str, *, patience_s: float, place: str) -> None:
    """Return when the server behind the DSN can be used; wait `patience_s` for one that is starting.

    `place` is where the DSN stands, for whoever has to mend it.

    Raises: StartFailed, without the password.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + patience_s
    while True:
        try:
            return await _check(dsn, place)
        except (
            OSError,
            asyncpg.CannotConnectNowError,
            asyncpg.ConnectionDoesNotExistError,
        ) as error:
            if loop.time() >= deadline_s:
                raise _unreachable(error, place) from None
            await asyncio.sleep(_PAUSE_S)


async def _check(dsn: str, place: str) -> None:
    try:
        connection = await asyncpg.connect(dsn, timeout=_CONNECT_TIMEOUT_S)
    except (asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        raise
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise _refused(error, place) from None
    try:
        major = connection.get_server_version().major
    finally:
        await connection.close(timeout=_CONNECT_TIMEOUT_S)
    if major < MINIMUM_MAJOR:
        raise StartFailed(
            f"The external PostgreSQL is version {major}; this server needs {MINIMUM_MAJOR} or newer. Upgrade it, or "
            f"remove {place} to use the built-in one.",
            code="external.too_old",
            version=major,
            minimum=MINIMUM_MAJOR,
            place=place,
        )


def _refused(error: Exception, place: str) -> StartFailed:
    where = _advice(place)
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            reason = f"The external PostgreSQL refused the user or the password. {where}"
            return StartFailed(reason, code="external.refused", place=place)
        case asyncpg.InvalidCatalogNameError():
            reason = f"The external PostgreSQL has no database of that name: make it with createdb. {where}"
            return StartFailed(reason, code="external.no_database", place=place)
        case asyncpg.TooManyConnectionsError():
            reason = "The external PostgreSQL has no connection left: raise its max_connections."
            return StartFailed(reason, code="external.no_connection")
        case _:  # the text of other errors may repeat the address, password and all
            name = type(error).__name__
            reason = f"The external PostgreSQL cannot be used ({name}). {where}"
            return StartFailed(reason, code="external.unusable", why=name, place=place)


def _unreachable(error: Exception, place: str) -> StartFailed:
    why = getattr(error, "strerror", None) or type(error).__name__
    return StartFailed(
        f"The external PostgreSQL cannot be reached ({why}). Is it running, and is its address right? "
        f"{_advice(place)}",
        code="external.unreachable",
        why=why,
        place=place,
    )


def _advice(place: str) -> str:
    return f"Check {place}: without it the built-in PostgreSQL is used."
