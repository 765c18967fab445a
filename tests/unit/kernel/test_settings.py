"""What holds: what somebody chose, else what the configuration says, else the default; and what is pinned."""

from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct

from server.kernel.config import KEYS, Config, load
from server.kernel.settings import Section, Settings, Value
from server.main import settings_sections

SECTIONS = settings_sections()


class Sails(Struct, frozen=True, kw_only=True):
    count: Annotated[int, Meta(ge=1, le=9)] = 3
    are_red: bool = False


class Playback(Struct, frozen=True, kw_only=True):
    cache_gb: int = 20
    sessions_per_user: int = 10


def sails() -> Section[Sails]:
    return Section("sails", Sails, load({}, None, source="test").config, {})


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, Sails()),
        ({"count": 9}, Sails(count=9)),
        ({"count": 10}, Sails()),
        ({"count": "4"}, Sails()),
        ({"count": True}, Sails()),
        ({"gone": 1, "are_red": True}, Sails(are_red=True)),
        ({"count": 0, "are_red": True}, Sails(are_red=True)),
    ],
)
def test_what_another_version_stored_is_used_as_far_as_it_can_be(
    chosen: dict[str, Value], expected: Sails
) -> None:
    assert sails().filled(sails().usable(chosen)) == expected


def test_the_configuration_is_the_default_and_holds_its_keys_fast() -> None:
    config = load({"REVENGE_PLAYBACK_CACHE_GB": "7"}, None, source="test").config
    settings = Settings(config, {"playback.cache_gb": "REVENGE_PLAYBACK_CACHE_GB"})
    live = settings.declare("playback", Playback)
    section = settings.sections["playback"]
    assert live.now == Playback(cache_gb=7)
    assert section.pinned == {"cache_gb": "REVENGE_PLAYBACK_CACHE_GB"}
    assert section.filled({"cache_gb": 99, "sessions_per_user": 2}) == Playback(
        cache_gb=7, sessions_per_user=2
    )


def test_another_configuration_holds_at_once_and_keeps_what_was_chosen() -> None:
    def config(text: str) -> Config:
        return load({}, text, source="test").config

    settings = Settings(config(""), {})
    live = settings.declare("playback", Playback)
    section = settings.sections["playback"]
    section.choose({"cache_gb": 50, "sessions_per_user": 4})
    assert live.now == Playback(cache_gb=50, sessions_per_user=4)
    settings.configure(config("playback: {cache_gb: 7}"), {"playback.cache_gb": "test:1"})
    assert live.now == Playback(cache_gb=7, sessions_per_user=4)
    assert section.pinned == {"cache_gb": "test:1"}
    settings.configure(config(""), {})
    assert live.now == Playback(cache_gb=50, sessions_per_user=4)
    assert section.pinned == {}


def test_what_another_version_chose_is_left_out_when_it_is_no_longer_pinned() -> None:
    section = Section("sails", Sails, Config(), {"sails.count": "test:1"})
    section.choose({"count": 99})
    section.configure(Config(), {})
    assert section.live.now == Sails()


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_a_setting_and_the_key_of_its_name_have_the_same_default_and_bounds(name: str) -> None:
    section: Section[Any] = SECTIONS[name]
    plain = section.kind()
    for key in section.kind.__struct_fields__:
        default = getattr(plain, key)
        assert type(default) is int, "the form knows whole numbers"
        if (configured := KEYS.get(f"{name}.{key}")) is not None:
            assert configured.default == default
            assert configured.is_hot, "a setting holds at once, wherever it stands"
            assert str(configured.meta.le) in str(section.kind.__annotations__[key])
