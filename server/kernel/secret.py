"""Values that must not be read by accident: a type that prints stars, and a mask for texts."""

import re
from typing import Final

STARS: Final = "***"

_SECRET_NAME = re.compile(
    r"(?i)pass(word|wd|phrase)|secret|token|cookie|authorization|credential"
    r"|(^|[_-])(api[_-]?key|pin|dsn|pwd|auth)([_-]|$)"
)
_HARMLESS_NAME = re.compile(r"_(count|id|at|ms|s)$")

# Bounded repeats: a hostile text of any length is masked in linear time.
_URL_PASSWORD = re.compile(r"(://[^\s:/@?#]{0,256}:)\S{0,1024}@")
_ASSIGNMENT = re.compile(
    r"(?i)((?:password|passwd|pwd|secret|token|api_?key|signature)[\"']?\s?[=:]\s?)"
    r"('[^']{0,1024}'|\"[^\"]{0,1024}\"|[^\s&;,)\]}'\"]{1,1024})"
)


def is_secret_name(name: str) -> bool:
    """Return whether what has this name is a secret."""
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.search(name)


def masked(text: str) -> str:
    """Return the text with passwords in URLs and values of `password=…`, `token: …` as stars."""
    if "://" in text:
        text = _URL_PASSWORD.sub(rf"\1{STARS}@", text)
    return _ASSIGNMENT.sub(rf"\1{STARS}", text)


class Secret:
    """A text that prints as stars everywhere; only `reveal` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself: hand it to the one call that needs it, never keep or print it."""
        return self._text

    def __str__(self) -> str:
        return STARS

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self._text == other.reveal()

    def __hash__(self) -> int:
        return hash(self._text)


class SecretUrl(Secret):
    """A URL that may carry a password: prints with the password as stars."""

    __slots__ = ()

    def __str__(self) -> str:
        return masked(self._text)
