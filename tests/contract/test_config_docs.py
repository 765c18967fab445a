"""The configuration is documented: the page is fresh, every key says what it is for."""

import re
from pathlib import Path

import pytest

from server.kernel.config import KEYS, OTHER_VARIABLES, Key, docs
from server.kernel.config.keys import VARIABLES

ROOT = Path(__file__).parents[2]
EVERY_KEY = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)


def test_docs_configuration_is_fresh() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert page == docs(), "write it again: python3 dev.py gen"


@EVERY_KEY
def test_a_key_says_what_it_is_for_and_when_it_takes_effect(key: Key) -> None:
    assert key.meta.description
    assert key.extra["reload"] in {"hot", "restart"}


@EVERY_KEY
def test_a_kind_comes_with_what_its_error_text_needs(key: Key) -> None:
    match key.kind:
        case "number":
            assert key.meta.ge is not None
            assert key.meta.le is not None
        case "choice":
            assert key.choices
        case "secret URL":
            assert key.extra["schemes"]
        case "list":
            assert key.meta.examples


def test_no_variable_means_two_keys() -> None:
    spelled = [variable for key in KEYS.values() for variable in key.variables]
    assert len(spelled) == len(set(spelled)) == len(VARIABLES)


def test_every_variable_that_the_code_names_is_documented() -> None:
    sources = [
        path for room in ("app", "server", "bundled") for path in (ROOT / room).rglob("*.py")
    ]
    named = {
        name
        for path in sources
        for name in re.findall(r"\bREVENGE_[A-Z0-9_]*[A-Z0-9]\b", path.read_text("utf-8"))
    }
    known = {*VARIABLES, *OTHER_VARIABLES, *(f"{name}_FILE" for name in VARIABLES)}
    assert {name for name in named if not name.startswith("REVENGE_TEST")} <= known
