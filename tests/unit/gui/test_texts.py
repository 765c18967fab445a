"""The words of the windows."""

from collections.abc import Iterator

import pytest

from gui import texts


@pytest.fixture(autouse=True)
def _english_after() -> Iterator[None]:
    yield
    texts.speak("en")


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [("de", "de"), ("de_AT", "de"), ("DE-ch", "de"), ("en_US", "en"), ("fr", "en"), ("", "en")],
)
def test_a_language_tag_chooses_what_is_spoken(tag: str, spoken: str) -> None:
    texts.speak(tag)
    assert texts.language() == spoken


def test_fields_are_filled_in_and_an_unknown_code_is_said_as_it_is() -> None:
    assert "no such file" in texts.t("why.no_start", reason="no such file")
    assert "?" in texts.t("why.no_start")
    assert texts.t("no.such_code") == "no.such_code"
