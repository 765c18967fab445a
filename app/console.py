"""What a person at the console does without the browser: the first administrator, a forgotten password."""

import getpass
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.boot import load_config
from app.choice import Home
from app.database import keep_secrets, open_database
from app.failure import StartFailed
from app.house import in_words
from app.instance import only_instance
from app.paths import Paths, find_paths, prepare_data_dir
from app.runtime import read_runtime
from app.supervisor.worker import open_workers
from server.kernel.errors import RevengeError
from server.kernel.log import configure
from server.kernel.storage import Storage
from server.services.auth.model import Language, NewPassword, NewUser, UserName

if TYPE_CHECKING:
    from server.main import Slices

_LANGUAGES: Final[dict[Language, str]] = {"en": "English", "de": "Deutsch"}


async def setup(name: str | None, language: Language) -> int:
    """Go through the steps that a console can take; folders wait for pages or windows. Raises: StartFailed."""
    paths, home = _places()
    async with _services(paths, home) as services:
        if await services.auth.administrator_exists():
            raise StartFailed(
                "This server already has an administrator. A forgotten password: user reset NAME"
            )
        print(f"Language: {_LANGUAGES[language]} (--language chooses)")
        print(f"Database: {_database_in_words(home)}")
        name = _fitting("name", name or _line("Name of the administrator: "), UserName)
        user = NewUser(name=name, password=_new_password(), role="administrator", language=language)
        await services.auth.create_first_administrator(user)
        steps = (await services.setup.state(language)).steps
    print(f"{name} is now the administrator and can sign in.")
    if waiting := [step.name for step in steps if step.state == "open"]:
        print(f"Waiting for the pages or the windows: {', '.join(waiting)}")
    return 0


async def reset_password(name: str) -> int:
    """Give a user a new password; all their sessions end. Raises: StartFailed."""
    async with _services(*_places()) as services:
        await services.auth.reset_password(name, _new_password())
    print(f"{name} has a new password; all sessions of {name} have ended.")
    return 0


def _places() -> tuple[Paths, Home]:
    paths = find_paths()
    prepare_data_dir(paths)
    return paths, Home(paths.choice_file, load_config(paths), _stay)


def _stay() -> None:
    """A word of the command line is no server that could start again."""


def _database_in_words(home: Home) -> str:
    if home.config.database.url is not None:
        return f"an external PostgreSQL, named in {home.place}"
    return (
        "built in. For an external PostgreSQL (17 or newer) go through the setup in browser or windows, or set "
        "database.url (REVENGE_DATABASE_URL) before anybody has an account."
    )


@asynccontextmanager
async def _services(paths: Paths, home: Home) -> AsyncIterator["Slices"]:
    """Yield the services on the database of the server that runs here, else on one started for this."""
    from server.main import Endpoints, open_console  # noqa: PLC0415 (other words need no server)

    configure(level="warning", format="text")
    async with AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(_database(paths, home))
        secrets = keep_secrets(paths).realms
        endpoints = Endpoints(postgres_dsn=dsn, secrets=secrets, home=home)
        workers = await stack.enter_async_context(open_workers())
        storage = Storage(paths.storage_dir)
        try:
            yield await stack.enter_async_context(
                open_console(
                    config=home.config, endpoints=endpoints, storage=storage, workers=workers
                )
            )
        except RevengeError as error:
            raise StartFailed(in_words(error)) from error


@asynccontextmanager
async def _database(paths: Paths, home: Home) -> AsyncIterator[str]:
    runtime = read_runtime(paths.runtime_file)
    if runtime is None:
        if home.is_on_trial:
            raise StartFailed(
                "Another database was chosen in the setup, and no start on it has gone well yet. Start the server, then try again."
            )
        with only_instance(paths):
            async with open_database(paths, home, keep_secrets(paths), lambda _: None) as dsn:
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
