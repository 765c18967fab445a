"""What holds: what somebody chose, else what the configuration says, else the default; and what is pinned."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct, defstruct, structs

from server.kernel.config import KEYS, Config, load
from server.kernel.settings import NUMBER_MAX, TEXT_MAX, Section, Settings, Value
from server.main import settings_sections

SECTIONS = settings_sections()


class Sails(Struct, frozen=True, kw_only=True):
    count: Annotated[int, Meta(ge=1, le=9)] = 3
    are_red: bool = False
    motto: Annotated[str, Meta(max_length=9, extra={"is_public": True})] = "Ahoy"
    mark: Annotated[str, Meta(max_length=9, pattern="^[a-z]*$")] = ""
    cut: Literal["square", "lateen"] = "square"


class Playback(Struct, frozen=True, kw_only=True):
    cache_gb: Annotated[int, Meta(ge=1, le=100)] = 20
    sessions_per_user: Annotated[int, Meta(ge=1, le=100)] = 10


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
        ({"are_red": 1}, Sails()),
        ({"motto": "", "mark": "abc", "cut": "lateen"}, Sails(motto="", mark="abc", cut="lateen")),
        ({"motto": "\N{SAILBOAT}" * 9}, Sails(motto="\N{SAILBOAT}" * 9)),
        ({"motto": "\N{SAILBOAT}" * 10}, Sails()),
        ({"motto": "a\nb"}, Sails()),
        ({"motto": "a\0b"}, Sails()),
        ({"motto": "a\x9bb"}, Sails()),
        ({"motto": "a\u2028b"}, Sails()),
        ({"motto": 5}, Sails()),
        ({"mark": "ABC"}, Sails()),
        ({"cut": "round"}, Sails()),
        ({"cut": ""}, Sails()),
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


def test_a_setting_is_public_only_where_its_declaration_says_so() -> None:
    section = sails()
    assert section.public == {"motto": "Ahoy"}
    section.choose({"motto": "Hello", "count": 5})
    assert section.public == {"motto": "Hello"}


def test_choices_are_in_the_order_of_their_declaration() -> None:
    assert sails().settings["cut"].choices == ("square", "lateen")


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        (int, 1),
        (Annotated[int, Meta(ge=1)], 1),
        (Annotated[int, Meta(le=1)], 1),
        (Annotated[int, Meta(gt=0, lt=9)], 1),
        (Annotated[int, Meta(ge=0, le=9, multiple_of=2)], 2),
        (Annotated[int, Meta(ge=0, le=NUMBER_MAX + 1)], 1),
        (Annotated[int, Meta(ge=0, le=9), Meta(extra={"is_public": True})], 1),
        (Annotated[int, Meta(ge=1, le=9)] | None, None),
        (str, ""),
        (Annotated[str, Meta(pattern="^a")], "a"),
        (Annotated[str, Meta(max_length=TEXT_MAX + 1)], ""),
        (Annotated[str, Meta(min_length=1, max_length=9)], "a"),
        (Literal["a", 1], "a"),
        (Literal["a", None], None),
        (float, 1.0),
        (list[str], []),
        (dict[str, str], {}),
        (Sails, Sails()),
    ],
)
def test_what_no_form_can_show_is_refused_when_it_is_declared(kind: Any, default: Any) -> None:
    declared = defstruct("Declared", [("one", kind, default)], frozen=True, kw_only=True)
    with pytest.raises(TypeError, match=r"^sails\.one is .+: a setting has a default and is "):
        Settings(Config(), {}).declare("sails", declared)


def test_a_setting_without_a_default_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^sails\.one is "):
        Settings(Config(), {}).declare("sails", defstruct("Declared", [("one", bool)]))


def test_a_default_that_its_setting_would_not_take_is_refused() -> None:
    declared = defstruct("Declared", [("one", Literal["a", "b"], "c")])
    with pytest.raises(msgspec.ValidationError, match="one"):
        Settings(Config(), {}).declare("sails", declared)


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_a_setting_and_the_key_of_its_name_have_the_same_default_and_bounds(name: str) -> None:
    for field in structs.fields(SECTIONS[name].kind):
        if (configured := KEYS.get(f"{name}.{field.name}")) is not None:
            assert configured.default == field.default
            assert configured.is_hot, "a setting holds at once, wherever it stands"
            assert limits(configured.type) == limits(field.type)


def limits(kind: Any) -> dict[str, Any]:
    """Return what values of a type may be, without words about it."""
    schema = msgspec.json.schema(kind)
    return {name: said for name, said in schema.items() if name not in {"description", "examples"}}
