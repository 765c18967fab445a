"""What a person at the console does without the browser: the first administrator, a forgotten password."""

import getpass
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from app.boot import load_config
from app.database import keep_secrets, open_database
from app.failure import StartFailed
from app.house import in_words
from app.instance import only_instance
from app.paths import Paths, find_paths, prepare_data_dir
from app.runtime import read_runtime
from app.supervisor.worker import open_workers
from server.kernel.config import Config
from server.kernel.errors import RevengeError
from server.kernel.log import configure
from server.kernel.storage import Storage
from server.services.auth.model import Language, NewPassword, NewUser, UserName

if TYPE_CHECKING:
    from server.main import Slices


async def setup(name: str | None, language: Language) -> int:
    """Go through the steps that a console can take; folders wait for pages or windows. Raises: StartFailed."""
    async with _services() as services:
        if await services.auth.administrator_exists():
            raise StartFailed(
                "This server already has an administrator. A forgotten password: user reset NAME"
            )
        name = _fitting("name", name or _line("Name of the administrator: "), UserName)
        user = NewUser(name=name, password=_new_password(), role="administrator", language=language)
        await services.auth.create_first_administrator(user)
        steps = (await services.setup.state()).steps
    print(f"{name} is now the administrator and can sign in.")
    if waiting := [step.name for step in steps if step.state == "open"]:
        print(f"Waiting for the pages or the windows: {', '.join(waiting)}")
    return 0


async def reset_password(name: str) -> int:
    """Give a user a new password; all their sessions end. Raises: StartFailed."""
    async with _services() as services:
        await services.auth.reset_password(name, _new_password())
    print(f"{name} has a new password; all sessions of {name} have ended.")
    return 0


@asynccontextmanager
async def _services() -> AsyncIterator["Slices"]:
    """Yield the services on the database of the server that runs here, else on one started for this."""
    from server.main import Endpoints, open_console  # noqa: PLC0415 (other words need no server)

    paths = find_paths()
    prepare_data_dir(paths)
    config = load_config(paths).config
    configure(level="warning", format="text")
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(_database(paths, config))
        endpoints = Endpoints(postgres_dsn=dsn, secrets=keep_secrets(paths).realms)
        workers = await stack.enter_async_context(open_workers())
        storage = Storage(paths.storage_dir)
        try:
            yield await stack.enter_async_context(
                open_console(config=config, endpoints=endpoints, storage=storage, workers=workers)
            )
        except RevengeError as error:
            raise StartFailed(in_words(error)) from error


@asynccontextmanager
async def _database(paths: Paths, config: Config) -> AsyncIterator[str]:
    runtime = read_runtime(paths.runtime_file)
    if runtime is None:
        with only_instance(paths):
            async with open_database(paths, config, keep_secrets(paths), lambda _: None) as dsn:
                yield dsn
        return
    if runtime.database_dsn is None:
        raise StartFailed("The server is still starting. Try again when it is ready.")
    yield runtime.database_dsn


def _new_password() -> str:
    """Read a password twice from the terminal, or one line of a pipe; never from the command line."""
    first = _line("New password: ", getpass.getpass)
    if sys.stdin.isatty() and _line("Once more: ", getpass.getpass) != first:
        raise StartFailed("The two passwords differ. Nothing was changed.")
    return _fitting("password", first, NewPassword)


def _line(question: str, ask: Callable[[str], str] = input) -> str:
    try:
        return ask(question) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    except (EOFError, UnicodeDecodeError) as error:
        raise StartFailed(
            "What was typed is no line of UTF-8 text. Nothing was changed."
        ) from error


def _fitting(what: str, text: str, wanted: Any) -> str:
    """Return the text if the pages would take it too. Raises: StartFailed."""
    try:
        text.encode()  # bytes that are no UTF-8 come as lone surrogates
        return str(msgspec.convert(text, wanted))
    except (UnicodeEncodeError, msgspec.ValidationError):
        (limits,) = wanted.__metadata__
        raise StartFailed(
            f"A {what} is UTF-8 text of {limits.min_length} to {limits.max_length} characters. Nothing was changed."
        ) from None
