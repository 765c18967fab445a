"""What a changed file means for a server that runs."""

import json

import pytest

from server.kernel.config import KEYS, Key, Loaded, change, load, value_of
from tests.helpers.configuration import sample


def loaded(text: str, **env: str) -> Loaded:
    return load(env, text, source="config.yaml")


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_holds_at_once_or_waits_as_its_mark_says(key: Key) -> None:
    before = loaded("")
    fresh = loaded(json.dumps({key.name: other(key)}))
    new = change(before, fresh)
    is_other = value_of(fresh.config, key.name) != key.default
    assert new.changed == ((key.name,) if key.is_hot and is_other else ())
    assert new.waiting == ((key.name,) if not (key.is_hot or key.unread) and is_other else ())
    wanted = fresh if key.is_hot else before
    assert new.loaded.config == wanted.config
    assert new.loaded.places == wanted.places


def other(key: Key) -> str:
    """Return a value that is not the default, where there is another."""
    if key.kind == "switch":
        return "false" if key.default else "true"
    return key.choices[-1] if key.choices else sample(key.name)


def test_what_is_taken_back_is_the_default_again() -> None:
    before = loaded("limits: {user_per_s: 5}\ncache: {own: false}")
    new = change(before, loaded(""))
    assert new.loaded.config.limits.user_per_s == 200
    assert not new.loaded.config.cache.own
    assert new.loaded.places == {"cache.own": "config.yaml:2"}


def test_what_the_environment_says_stays_whatever_the_file_says() -> None:
    env = {"REVENGE_LOGGING_LEVEL": "error"}
    new = change(loaded("", **env), loaded("logging: {level: debug}", **env))
    assert (new.changed, new.loaded.config.logging.level) == ((), "error")
