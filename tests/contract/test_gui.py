"""The windows know the server only by its documents: what they take from it must stand there."""

import inspect
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app import programs
from app.control import routes
from app.diagnostics import Documents
from bundled import manifest
from gui import api, offers
from gui.texts import LANGUAGES

ROOT = Path(__file__).parents[2]
TEXTS = {
    language: msgspec.json.decode(
        (ROOT / "gui" / "texts" / f"{language}.json").read_bytes(), type=dict[str, str]
    )
    for language in LANGUAGES
}
OF_CONTROL = ("ProgramState", "Failure", "Status", "Logs", "Stopping", "Document", "Documents")
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_CODE = re.compile(r"""\bt\(\s*"([a-z_.]+)\"""")
_FAILURE = re.compile(
    r"""code ?= ?"([a-z_.]+)\"|"((?:crashed|data_dir|database|search)\.(?!url"|json"|log")[a-z_]+)\""""
)
_OF_SERVER = re.compile(r"why\.((config|migrate|db|storage)\.|search\.(not_|refused|unreachable))")


def structs() -> list[type[msgspec.Struct]]:
    """Return every thing that windows decode or send."""
    return [
        thing
        for _, thing in inspect.getmembers(api, inspect.isclass)
        if issubclass(thing, msgspec.Struct) and thing.__module__ == api.__name__
    ]


def schemas(types: list[Any]) -> dict[str, Any]:
    """Return the schemas of types by name."""
    return msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")[1]


def bare(schema: Any) -> Any:
    """Return what a schema demands, without what it tells."""
    match schema:
        case dict():
            told = {"description", "title", "default", "examples"}
            return {key: bare(value) for key, value in schema.items() if key not in told}
        case list():
            return sorted((bare(part) for part in schema), key=repr)
        case _:
            return schema


@pytest.mark.parametrize("name", [struct.__name__ for struct in structs()])
def test_what_windows_know_of_a_thing_is_what_the_server_says(name: str) -> None:
    document = msgspec.json.decode((ROOT / "docs" / "openapi.json").read_bytes())
    told = (
        schemas([routes.Status, routes.Logs, routes.Stopping, Documents])
        if name in OF_CONTROL
        else document["components"]["schemas"]
    )
    ours = schemas(structs())[name]["properties"]
    theirs = told[name]["properties"]
    for field, schema in ours.items():
        assert field in theirs, f"{name} has no {field}"
        looser = {key: bare(theirs[field]).get(key) for key in bare(schema)}
        assert bare(schema) == looser, f"{name}.{field}"


@pytest.mark.parametrize("name", ["AllOffered", "Offered", "Said"])
def test_what_windows_know_of_programs_is_what_the_command_line_says(name: str) -> None:
    ours, theirs = (schemas([getattr(room, name)])[name] for room in (offers, programs))
    assert bare(ours) == bare(theirs)


def test_every_program_that_may_be_installed_has_words() -> None:
    assert {f"programs.what.{one.name}" for one in manifest.offers()} <= set(TEXTS["en"])


def test_every_language_of_the_windows_says_the_same_things() -> None:
    fields = {
        language: {code: set(_FIELD.findall(text)) for code, text in texts.items()}
        for language, texts in TEXTS.items()
    }
    assert set(fields) == {"en", "de"}
    assert fields["de"] == fields["en"]


def test_every_text_that_a_window_asks_for_is_there() -> None:
    sources = [path.read_text() for path in (ROOT / "gui").rglob("*.py")]
    asked = {code for source in sources for code in _CODE.findall(source)}
    assert asked <= set(TEXTS["en"])


def test_every_failure_that_has_a_code_has_words() -> None:
    sources = [
        path.read_text() for room in ("app", "bundled") for path in (ROOT / room).rglob("*.py")
    ]
    found = {a or b for source in sources for a, b in _FAILURE.findall(source)}
    told = {code for code in found if code != "failed" and not code.startswith("worker.")}
    assert {
        "port_taken",
        "data_dir.full",
        "database.disk_full",
        "crashed.no_memory",
        "program.busy",
        "search.killed",
    } <= told
    assert {f"why.{code}" for code in told} <= set(TEXTS["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_windows_say_of_an_error_is_what_the_server_says(language: str) -> None:
    server = msgspec.json.decode(
        (ROOT / "server" / "locales" / f"{language}.json").read_bytes(), type=dict[str, str]
    )
    codes = [code.removeprefix("why.") for code in TEXTS[language] if _OF_SERVER.match(code)]
    ours = {code: TEXTS[language][f"why.{code}"] for code in codes if code != "config.missing"}
    assert ours == {code: server[code] for code in ours}
    assert {code for code in server if code.startswith("migrate.")} <= set(ours)
    harmless = {"config.invalid", "config.not_served", "config.unknown_variable", "config.gone"}
    assert {code for code in server if code.startswith("config.")} - harmless <= set(ours)
