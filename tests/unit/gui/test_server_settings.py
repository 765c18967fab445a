"""The settings of the server as a form: what it shows, what it sends, and that nothing typed is lost."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from gui.api import (
    AllSettings,
    Client,
    Refused,
    SettingsEdit,
    SettingsSection,
    Unreachable,
)
from gui.texts import speak, t
from gui.windows.server_settings.presenter import ServerSettings
from gui.windows.server_settings.schema import (
    Choice,
    Kind,
    Number,
    Other,
    Setting,
    Switch,
    Text,
    in_words,
    section_of,
)
from tests.helpers.asking import Asked
from tests.helpers.shown import a_form

CLIENT = Client("http://127.0.0.1:9/api/v1", "token")
OTHER = a_form(name="other")


class Sending(Client):
    """A client that only notes what it is to send."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9", "token")
        self.sent: list[Any] = []

    def send[T](self, method: str, path: str, body: object, answer: type[T]) -> T:
        assert (method, path, answer) == ("PATCH", "/settings", SettingsSection)
        self.sent.append(body)
        return None  # type: ignore[return-value] # the test answers


@pytest.fixture(autouse=True)
def _english_after() -> Iterator[None]:
    yield
    speak("en")


def shown(*sections: SettingsSection, client: Client = CLIENT) -> tuple[ServerSettings, Asked]:
    asked = Asked()
    settings = ServerSettings(asked, lambda: None)
    settings.connect(client)
    settings.look()
    asked.answer(AllSettings(items=list(sections or (a_form(),))))
    return settings, asked


def one(settings: ServerSettings, name: str, section: str = "made") -> Setting:
    """Return a setting as it is known now."""
    return next(
        setting
        for part in settings.sections or ()
        for setting in part.settings
        if setting.key == (section, name)
    )


def sent(asked: Asked, client: Sending) -> SettingsEdit:
    """Run the oldest question, and return what it sends."""
    asked.calls[0][0]()
    edit = client.sent.pop()
    assert isinstance(edit, SettingsEdit)
    return edit


def saved(**values: Any) -> SettingsSection:
    """Return the made section with other values."""
    return a_form(values=a_form().values | values)


def test_each_kind_comes_from_its_schema_with_words() -> None:
    settings, _ = shown()
    (section,) = settings.sections or ()
    assert section.title == "Made up"
    assert [(it.name, it.kind) for it in section.settings] == [
        ("days", Number(7, 3650)),
        ("is_open", Switch()),
        ("name", Text(60)),
        ("order", Choice({"title": "By title", "added": "Newest first"})),
    ]
    assert [it.hint for it in section.settings] == [
        "What days does. From 7 to 3,650. Default: 90.",
        "What is_open does. Default: on.",
        "What name does. At most 60 characters. Default: empty.",
        "What order does. Default: By title.",
    ]
    assert all(it.can_change for it in section.settings)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 5),
        ({"type": "integer", "minimum": 0, "maximum": 2**31}, 5),
        ({"type": "integer", "minimum": 0, "maximum": 9}, 10),
        ({"type": "integer", "minimum": 0, "maximum": 9}, True),
        ({"type": "integer", "minimum": 0, "maximum": "9"}, 5),
        ({"type": "integer", "minimum": 9, "maximum": 0}, 5),
        ({"type": "number", "minimum": 0, "maximum": 9}, 0.5),
        ({"type": "boolean"}, 1),
        ({"type": "string"}, "x"),
        ({"type": "string", "maxLength": 10**9}, "x"),
        ({"type": "string", "maxLength": 2}, "xyz"),
        ({"type": "string", "maxLength": 9}, "a\nb"),
        ({"type": "string", "enum": ["x"]}, "x"),
        ({"oneOf": []}, "x"),
        ({"oneOf": [{"const": 1, "title": "One"}]}, "1"),
        ({"oneOf": [{"const": "x"}]}, "x"),
        ({"oneOf": [{"const": "x", "title": "X"}]}, "y"),
        ({"oneOf": [{"const": "x", "title": "X"}]}, ["x"]),
        ({"type": "array", "items": {"type": "string"}}, ["x"]),
        ({"$ref": "#/$defs/Unheard"}, {"x": {}}),
        ({"type": ["string", "null"]}, None),
        ({}, None),
        ("nonsense", 7),
        (None, None),
        ([], "x"),
    ],
)
def test_what_no_control_can_show_is_shown_as_it_is(schema: Any, value: Any) -> None:
    told = schema | {"default": value} if isinstance(schema, dict) else schema
    section = section_of(
        SettingsSection(
            name="s",
            title="S",
            schema={"properties": {"odd": told}},
            values={"odd": value},
            pinned={},
        )
    )
    (setting,) = section.settings
    assert (setting.kind, setting.title, setting.can_change) == (Other(), "odd", False)
    assert "in the browser" in setting.hint
    assert in_words(setting.kind, setting.value)


@pytest.mark.parametrize("schema", [{}, {"properties": None}, {"properties": []}])
def test_a_section_without_settings_is_no_harm(schema: dict[str, Any]) -> None:
    assert section_of(a_form(schema=schema)).settings == []


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Number(0, 9), 1234, "1.234"),
        (Switch(), True, "an"),
        (Switch(), False, "aus"),
        (Text(9), "", "leer"),
        (Text(9), "Hafen", "Hafen"),
        (Choice({"x": "Zuerst"}), "x", "Zuerst"),
        (Other(), [1], "[1]"),
        (Other(), None, "null"),
    ],
)
def test_values_are_said_in_the_language_of_the_reader(kind: Kind, value: Any, text: str) -> None:
    speak("de")
    assert in_words(kind, value) == text


def test_only_what_is_changed_is_sent_and_the_default_as_none() -> None:
    client = Sending()
    settings, asked = shown(saved(days=30), OTHER, client=client)
    assert not settings.can_save
    settings.set_back(one(settings, "days"))
    settings.write(one(settings, "name"), "Harbour")
    for is_open in (False, True):
        settings.write(one(settings, "is_open"), is_open)
    settings.write(one(settings, "order", "other"), "added")
    assert settings.state == ("Not saved yet", "warn")
    settings.save()
    settings.save()
    assert (len(asked.calls), settings.state[0]) == (1, "Being saved…")
    made = SettingsEdit(section="made", values={"days": None, "name": "Harbour"})
    assert sent(asked, client) == made
    asked.answer(saved(name="Harbour"))
    assert sent(asked, client) == SettingsEdit(section="other", values={"order": "added"})
    asked.answer(replace(OTHER, values=OTHER.values | {"order": "added"}))
    assert settings.state == ("Saved. It holds from now on.", "good")
    assert not settings.is_dirty
    settings.write(one(settings, "days"), 31)
    assert settings.state == ("Not saved yet", "warn")
    settings.write(one(settings, "days"), 90)
    assert settings.state == ("", "muted")


def test_what_the_server_made_of_a_value_is_shown() -> None:
    settings, asked = shown()
    settings.write(one(settings, "name"), "  Harbour ")
    settings.save()
    asked.answer(saved(name="Harbour"))
    assert settings.value(one(settings, "name")) == "Harbour"
    assert not settings.is_dirty


def test_what_is_typed_while_it_is_saved_stays() -> None:
    settings, asked = shown()
    settings.write(one(settings, "name"), "Harbour")
    settings.save()
    settings.write(one(settings, "name"), "Harbour cinema")
    settings.write(one(settings, "days"), 30)
    asked.answer(saved(name="Harbour"))
    assert settings.value(one(settings, "name")) == "Harbour cinema"
    assert settings.value(one(settings, "days")) == 30
    assert (settings.is_busy, settings.can_save, asked.calls) == (False, True, [])


def test_a_wrong_value_is_marked_and_stays() -> None:
    settings, asked = shown(a_form(), OTHER)
    settings.write(one(settings, "name"), "Harbour")
    settings.write(one(settings, "name", "other"), "Lighthouse")
    settings.save()
    paths = ["$.values.name", "$.values.unheard", "$.section", "name"]
    asked.fail(Refused(400, "invalid", "Correct what is marked.", wrong=paths))
    assert settings.error == "Correct what is marked."
    assert settings.errors == {("made", "name"): t("server_settings.refused")}
    assert settings.value(one(settings, "name")) == "Harbour"
    assert (settings.can_save, settings.can_look, asked.calls) == (True, False, [])
    settings.write(one(settings, "name"), "Quay")
    assert settings.errors == {}


def test_what_the_configuration_holds_meanwhile_is_said_beside_it() -> None:
    settings, asked = shown()
    settings.write(one(settings, "days"), 30)
    settings.write(one(settings, "name"), "Harbour")
    settings.save()
    asked.fail(Refused(409, "settings.pinned", "Days kept is set by config.yaml:2."))
    asked.answer(AllSettings(items=[a_form(pinned={"days": "config.yaml:2"})]))
    pinned = one(settings, "days")
    assert (pinned.can_change, settings.value(pinned)) == (False, 90)
    assert "Set by config.yaml:2." in pinned.hint
    assert settings.error == "Days kept is set by config.yaml:2."
    assert settings.value(one(settings, "name")) == "Harbour"
    settings.save()
    asked.answer(replace(saved(name="Harbour"), pinned={"days": "config.yaml:2"}))
    assert (settings.error, settings.is_dirty) == ("", False)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unreachable("gone"), "Is it running?"),
        (Refused(401, "unauthenticated", "Nobody is signed in."), "Nobody is signed in."),
        (Refused(403, "denied", "You may not do this."), "You may not do this."),
        (Refused(500, "", ""), "HTTP 500"),
        (ValueError("x"), "ValueError"),
    ],
)
def test_nothing_typed_is_lost_whatever_fails(error: Exception, said: str) -> None:
    settings, asked = shown()
    settings.write(one(settings, "name"), "Harbour")
    settings.save()
    asked.fail(error)
    assert said in settings.error
    settings.connect(None)
    assert (settings.situation, settings.error, settings.can_save) == ("away", "", False)
    assert settings.remark == t("server_settings.kept")
    settings.connect(Client("http://127.0.0.1:10", "token"))
    settings.look()
    asked.answer(AllSettings(items=[saved(days=31)]))
    assert settings.value(one(settings, "name")) == "Harbour"
    assert settings.value(one(settings, "days")) == 31
    assert settings.can_save


def test_an_answer_of_a_server_that_is_gone_changes_nothing() -> None:
    settings, asked = shown()
    settings.write(one(settings, "name"), "Harbour")
    settings.save()
    settings.look()
    settings.connect(None)
    asked.answer(saved(name="Harbour"))
    asked.fail(Unreachable("gone"))
    assert (settings.is_busy, settings.is_dirty, settings.error) == (False, True, "")


def test_what_nobody_changed_is_not_shown_to_the_next_person() -> None:
    settings, _ = shown()
    settings.connect(None)
    assert (settings.sections, settings.situation) == (None, "away")
    assert "administrator" in settings.remark


def test_loading_failing_and_having_nothing_are_said() -> None:
    asked = Asked()
    settings = ServerSettings(asked, lambda: None)
    settings.look()
    assert (settings.situation, asked.calls) == ("away", [])
    settings.connect(CLIENT)
    assert (settings.situation, settings.remark) == ("loading", "One moment…")
    settings.look()
    asked.fail(Unreachable("gone"))
    assert "Is it running?" in settings.error
    assert settings.can_look
    settings.look()
    asked.answer(AllSettings(items=[]))
    assert (settings.situation, settings.error) == ("empty", "")
    settings.save()
    assert asked.calls == []


def test_typed_values_are_given_up_when_asked() -> None:
    settings, asked = shown()
    settings.write(one(settings, "name"), "Harbour")
    settings.complain(one(settings, "days"))
    assert settings.errors == {("made", "days"): "Enter a whole number from 7 to 3,650."}
    settings.give_up()
    assert (settings.is_dirty, settings.errors) == (False, {})
    assert asked.calls == []
