from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.messages import Messages, fields
from server.kernel.secret import Secret

MESSAGES = Messages(
    {
        "de": {"a": "Das fehlt. {name} ist weg."},
        "en": {"a": "It is missing. {name} is gone.", "b": "Only English", "c": "{x} and {y}"},
    }
)


def detail(language: str, code: str, **context: object) -> str:
    return MESSAGES.text(language, code, context).detail


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("de", "a", "Das fehlt. Alien ist weg."),
        ("en", "a", "It is missing. Alien is gone."),
        ("fr", "a", "It is missing. Alien is gone."),
        ("de", "b", "Only English"),
        ("de", "no.such_code", "no.such_code"),
    ],
)
def test_text_in_the_language_else_english_else_the_code(
    language: str, code: str, expected: str
) -> None:
    assert detail(language, code, name="Alien") == expected


def test_the_title_is_the_first_sentence() -> None:
    assert MESSAGES.text("de", "a", {"name": "x"}).title == "Das fehlt"
    assert MESSAGES.text("en", "b", {}).title == "Only English"


class Trap:
    secret = "hunter2"

    def __str__(self) -> str:
        return "trap"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("{y}", "{y}"),
        ("{0.__class__}", "{0.__class__}"),
        ("%s$x", "%s$x"),
        (Trap(), "trap"),
        (Secret("hunter2"), "***"),
        (["a", 1], "a, 1"),
        ("a\nb\x1b[2J\u202e", "a b [2J "),
        ("x" * 10_000_000, "x" * 200 + "…"),
        (None, "None"),
    ],
)
def test_values_are_only_ever_text(value: object, shown: str) -> None:
    assert detail("en", "c", x=value, y=1) == f"{shown} and 1"


@pytest.mark.parametrize("text", ["{x.secret}", "{x[secret]}", "{x!r}", "{x:>9}", "{", "}", "{}", "{X}"])  # fmt: skip
def test_a_text_can_reach_nothing_but_named_fields(text: str) -> None:
    assert fields(text) == frozenset()
    assert Messages({"en": {"a": text}}).text("en", "a", {"x": Trap()}).detail == text


def test_a_missing_field_is_a_question_mark() -> None:
    assert detail("en", "c", x=1) == "1 and ?"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("de-AT, en;q=0.9", "de"),
        ("de-Latn-AT-1996", "de"),
        ("en;q=0.5, de;q=0.8", "de"),
        ("en;q=0.8, de;q=0.5", "en"),
        ("de;q=0.8, en;q=0.8", "de"),
        ("de;q=0", "en"),
        ("fr, de;q=0.1", "de"),
        ("fr", "en"),
        ("*", "en"),
        ("en;q=0, *", "de"),
        ("de ; q=0.5 , en;q=0.4", "de"),
        ("de;q=5, en;q=0.1", "en"),
        ("de;level=1, x", "en"),
        (",,;;q==,de", "de"),
        ("../../etc/passwd", "en"),
        ("de" * 5_000, "en"),
        ("de-" * 5_000, "en"),
        (",".join(["fr"] * 5_000), "en"),
        ("*;q=" + "9" * 10_000, "en"),
    ],
)
def test_the_best_liked_language_that_there_is(header: str, language: str) -> None:
    assert MESSAGES.negotiate(header) == language


@given(st.text(alphabet="de-en*;q=.,01 \t\x00ä", max_size=60))
def test_any_header_gives_a_language(header: str) -> None:
    assert MESSAGES.negotiate(header) in MESSAGES.languages


def test_a_broken_catalogue_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text('{"a": 1}')
    with pytest.raises(msgspec.ValidationError):
        Messages.load(tmp_path)
