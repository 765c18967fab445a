"""The words of the windows: one JSON file a language, filled in by name."""

import re
from pathlib import Path
from typing import Final

import msgspec

DEFAULT_LANGUAGE: Final = "en"
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_CATALOGUES: Final = {
    path.stem: msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    for path in sorted(Path(__file__).parent.glob("*.json"))
}
LANGUAGES: Final = tuple(_CATALOGUES)
_spoken = [DEFAULT_LANGUAGE]


def speak(language: str) -> None:
    """Say everything from now on in the language of a tag such as `de-AT`; English where there is none."""
    short = re.split("[-_]", language.lower())[0]
    _spoken[0] = short if short in _CATALOGUES else DEFAULT_LANGUAGE


def language() -> str:
    """Return the language that is spoken."""
    return _spoken[0]


def has_text(code: str) -> bool:
    """Return whether there are words for a code."""
    return code in _CATALOGUES[DEFAULT_LANGUAGE]


def t(code: str, /, **context: object) -> str:
    """Return the words of a code with its `{named}` fields filled in; the code itself where there are none."""
    text = _CATALOGUES[_spoken[0]].get(code, code)
    return _FIELD.sub(lambda field: str(context.get(field[1], "?")), text)
