"""The sentences that people read: one catalogue per language, filled in at the edge."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import msgspec
from msgspec import Struct

DIRECTORY: Final = Path(__file__).parents[1] / "locales"
DEFAULT_LANGUAGE: Final = "en"

# A field is a bare name: no attribute, index or format can be reached from a text or a value.
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_FIRST_SENTENCE = re.compile(r"(.+?)[.!?](?:\s|$)")
_RANGE = re.compile(
    r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}|\*)(?:;q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?"
)
_RANGES_MAX: Final = 32
_VALUE_MAX: Final = 200


class Sentence(Struct, frozen=True, kw_only=True):
    """What happened: `title` is the first sentence of `detail`, the rest of which says what to do."""

    title: str
    detail: str


class Messages:
    """The catalogues of all languages: code to text with `{named}` fields."""

    def __init__(self, catalogues: Mapping[str, Mapping[str, str]]) -> None:
        self._catalogues = catalogues

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> Self:
        """Read every `<language>.json`. Raises: OSError, msgspec.DecodeError."""
        return cls(
            {
                path.stem: msgspec.json.decode(path.read_bytes(), type=dict[str, str])
                for path in sorted(directory.glob("*.json"))
            }
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are, such as `de`."""
        return tuple(self._catalogues)

    def text(self, language: str, code: str, context: Mapping[str, Any]) -> Sentence:
        """Return the filled-in sentence; English where the language lacks it, the code where all do.

        Never raises: a missing field reads `?`, long values are cut, control characters become spaces.
        """
        template = self._template(language, code)
        detail = _FIELD.sub(lambda field: _shown(context.get(field[1], "?")), template)
        first = _FIRST_SENTENCE.match(detail)
        return Sentence(title=first[1] if first else detail, detail=detail)

    def negotiate(self, accept_language: str) -> str:
        """Return the language that an Accept-Language header likes best (RFC 9110, section 12.5.4).

        `de-AT` is served by `de` (RFC 4647, section 3.4). What is no language range is skipped;
        English where nothing fits.
        """
        best, best_quality = DEFAULT_LANGUAGE, 0.0
        qualities = _qualities(accept_language)
        for wanted, quality in qualities.items():
            language = self._serving(wanted, qualities)
            if language is not None and quality > best_quality:
                best, best_quality = language, quality
        return best

    def _serving(self, wanted: str, qualities: Mapping[str, float]) -> str | None:
        if wanted == "*":
            rest = (name for name in self._ordered() if name not in qualities)
            return next(rest, None)
        parts = wanted.split("-")
        shorter = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((name for name in shorter if name in self._catalogues), None)

    def _ordered(self) -> list[str]:
        return sorted(self._catalogues, key=lambda name: (name != DEFAULT_LANGUAGE, name))

    def _template(self, language: str, code: str) -> str:
        for name in (language, DEFAULT_LANGUAGE):
            if (text := self._catalogues.get(name, {}).get(code)) is not None:
                return text
        return code


def fields(text: str) -> frozenset[str]:
    """Return the names of the fields of a text."""
    return frozenset(_FIELD.findall(text))


def _qualities(header: str) -> dict[str, float]:
    """Return range to quality in order of the header; the first of a repeated range counts."""
    found: dict[str, float] = {}
    for part in header[:1000].split(",", _RANGES_MAX)[:_RANGES_MAX]:
        if match := _RANGE.fullmatch(part.replace(" ", "").replace("\t", "")):
            found.setdefault(match[1].lower(), float(match[2] or 1))
    return found


def _shown(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    if len(text) > _VALUE_MAX:
        text = text[:_VALUE_MAX] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
