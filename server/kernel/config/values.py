"""From the text of one value to its type, with the sentence to say where it does not fit."""

from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from server.kernel.config.keys import Key
from server.kernel.config.problems import Code, Problem, problem
from server.kernel.secret import STARS

_SWITCHES: Final = {
    "true": True, "yes": True, "on": True, "1": True,
    "false": False, "no": False, "off": False, "0": False,
}  # fmt: skip


def parse(key: Key, value: str | tuple[str, ...], where: str) -> Any:
    """Return the typed value, or the Problem with it.

    A file and a variable are read alike: `8080` and `"8080"` are the same number in both.
    """
    if isinstance(value, tuple):
        return _convert(key, value, where)
    text = value if key.is_secret else value.strip()
    if text in key.extra.get("refused", ()):
        return problem(key.extra["refused"][text], where, key=key.name)
    if len(text) < key.extra.get("min_length", 0):
        return problem("config.too_short", where, key=key.name, minimum=key.extra["min_length"])
    if key.kind == "secret URL" and not _is_url(text, key.extra["schemes"]):
        return problem(
            "config.not_a_url", where, key=key.name, schemes=", ".join(key.extra["schemes"])
        )
    return _convert(key, _typed(key, text), where)


def _typed(key: Key, text: str) -> object:
    match key.kind:
        case "switch":
            return _SWITCHES.get(text.lower(), text)
        case "choice":
            return text.lower()
        case "list":
            return tuple(item.strip() for item in text.split(",") if item.strip())
        case _:
            return text


def _convert(key: Key, value: object, where: str) -> Any:
    try:
        return msgspec.convert(
            value, key.type, strict=False, dec_hook=lambda wanted, text: wanted(text)
        )
    except msgspec.ValidationError:
        return _misfit(key, value, where)


def _misfit(key: Key, value: object, where: str) -> Problem:
    shown = STARS if key.is_secret else str(value)[:60]
    code: Code
    fields: dict[str, str | int]
    match key.kind:
        case "number":
            code, fields = "config.not_a_number", {"minimum": key.meta.ge, "maximum": key.meta.le}  # type: ignore[dict-item]  # every number has both (contract test)
        case "switch":
            code, fields = "config.not_a_switch", {}
        case "choice":
            code, fields = "config.not_a_choice", {"choices": ", ".join(key.choices)}
        case _:
            code, fields = "config.wrong_form", {"examples": ", ".join(key.meta.examples or ())}
    return problem(code, where, key=key.name, value=shown, **fields)


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # a bracket left open, a port that is no number
        return False
    return parts.scheme in schemes and "://" in text and port != 0 and text.isprintable()
