"""The windows know the server only by its documents: what they take from it must stand there."""

import inspect
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.control import routes
from gui import api
from gui.texts import LANGUAGES

ROOT = Path(__file__).parents[2]
TEXTS = {
    language: msgspec.json.decode(
        (ROOT / "gui" / "texts" / f"{language}.json").read_bytes(), type=dict[str, str]
    )
    for language in LANGUAGES
}
OF_CONTROL = ("ProgramState", "Status", "Logs", "Stopping")
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_CODE = re.compile(r"""\bt\(\s*"([a-z_.]+)\"""")


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
        schemas([routes.Status, routes.Logs, routes.Stopping])
        if name in OF_CONTROL
        else document["components"]["schemas"]
    )
    ours = schemas(structs())[name]["properties"]
    theirs = told[name]["properties"]
    for field, schema in ours.items():
        assert field in theirs, f"{name} has no {field}"
        looser = {key: bare(theirs[field]).get(key) for key in bare(schema)}
        assert bare(schema) == looser, f"{name}.{field}"


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
