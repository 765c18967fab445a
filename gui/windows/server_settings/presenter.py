"""What the window of the server's settings knows, and what it has the server change. Without Qt."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal

from gui.api import AllSettings, Client, Refused, SettingsEdit, SettingsSection
from gui.asking import Ask, sentence
from gui.pace import number
from gui.texts import t
from gui.windows.server_settings.schema import Key, Number, Section, Setting, section_of

Situation = Literal["loading", "away", "empty", "full"]
Tone = Literal["good", "warn", "muted"]
_PATH: Final = "$.values."
_PINNED: Final = "settings.pinned"


class ServerSettings:
    """The settings, what somebody typed and has not saved, and what the server said to it.

    What was typed stays until it is saved or given up: whatever fails, whoever signs out, wherever the server goes.
    """

    def __init__(self, ask: Ask, changed: Callable[[], object]) -> None:
        self.sections: Sequence[Section] | None = None
        self.errors: dict[Key, str] = {}
        self.is_busy = False
        self._drafts: dict[Key, Any] = {}
        self._refused = ""
        self._away = ""
        self._is_saved = False
        self._client: Client | None = None
        self._ask = ask
        self._changed = changed

    @property
    def situation(self) -> Situation:
        """What there is to see."""
        if self._client is None:
            return "away"
        if self.sections is None:
            return "loading"
        return "full" if self.sections else "empty"

    @property
    def error(self) -> str:
        """What went wrong with the last saving, or else with the last look; empty where nothing did."""
        return self._refused or self._away

    @property
    def remark(self) -> str:
        """What to say above the form where nothing went wrong."""
        if self.situation == "away" and self.is_dirty:
            return t("server_settings.kept")
        return t(f"server_settings.situation.{self.situation}")

    @property
    def can_look(self) -> bool:
        """Whether another look may help."""
        return bool(self._away) and self._client is not None

    @property
    def is_dirty(self) -> bool:
        """Whether something is typed and not saved."""
        return any(map(self.is_changed, self._settings()))

    @property
    def can_save(self) -> bool:
        """Whether there is something to save, and somebody to ask."""
        return self.is_dirty and not self.is_busy and self._client is not None

    @property
    def state(self) -> tuple[str, Tone]:
        """What to say beside the buttons, and how it is meant."""
        if self.is_busy:
            return t("server_settings.saving"), "muted"
        if self.is_dirty:
            return t("server_settings.unsaved"), "warn"
        return (t("server_settings.saved"), "good") if self._is_saved else ("", "muted")

    def is_changed(self, setting: Setting) -> bool:
        """Return whether a setting is to be another than it is."""
        return bool(self.value(setting) != setting.value)

    def value(self, setting: Setting) -> Any:
        """Return what a setting is to be: what was typed, while it can be changed, else what it is."""
        is_typed = setting.can_change and setting.key in self._drafts
        return self._drafts[setting.key] if is_typed else setting.value

    def connect(self, client: Client | None) -> None:
        """Ask this server from now on, None while there is none or nobody is signed in."""
        self._client, self.is_busy = client, False
        self._away = self._refused = ""
        if not self.is_dirty:
            self.sections = None
            self.give_up()
        self._changed()

    def look(self) -> None:
        """Load the settings; what was typed stays."""
        client = self._client
        if client is None:
            return
        self._refused, self._is_saved = "", False

        def take(answer: AllSettings) -> None:
            if client is self._client:
                self._away = ""
                self.sections = [section_of(one) for one in answer.items]
                self._changed()

        def miss(error: Exception) -> None:
            if client is self._client:
                self._away = sentence(error)
                self._changed()

        self._ask(lambda: client.get("/settings", AllSettings), take, miss)

    def write(self, setting: Setting, value: Any) -> None:
        """Take what was typed."""
        self._drafts[setting.key] = value
        self.errors.pop(setting.key, None)
        self._is_saved = False
        self._changed()

    def set_back(self, setting: Setting) -> None:
        """Take the default."""
        self.write(setting, setting.default)

    def complain(self, setting: Setting) -> None:
        """Say what a number may be, after one that it may not be was typed."""
        if isinstance(setting.kind, Number):
            least, most = number(setting.kind.least), number(setting.kind.most)
            self.errors[setting.key] = t("server_settings.number", least=least, most=most)
            self._changed()

    def give_up(self) -> None:
        """Forget what was typed."""
        self._drafts, self.errors, self._refused = {}, {}, ""
        self._is_saved = False
        self._changed()

    def save(self) -> None:
        """Have the server change what is changed, section by section; the first that it refuses ends it."""
        if self.can_save and self._client is not None:
            self.is_busy, self._refused = True, ""
            self._send(self._client, self._edits(), dict(self._drafts))

    def _settings(self) -> list[Setting]:
        return [setting for section in self.sections or () for setting in section.settings]

    def _edits(self) -> list[SettingsEdit]:
        """Return what to send: a value that is the default is set back, so that it follows a later default."""
        changed = [
            (section.name, [one for one in section.settings if self.is_changed(one)])
            for section in self.sections or ()
        ]
        return [
            SettingsEdit(section=name, values={one.name: self._sent(one) for one in settings})
            for name, settings in changed
            if settings
        ]

    def _sent(self, setting: Setting) -> Any:
        value = self.value(setting)
        return None if value == setting.default else value

    def _send(
        self, client: Client, edits: Sequence[SettingsEdit], drafts: Mapping[Key, Any]
    ) -> None:
        self._changed()
        edit = edits[0]

        def take(section: SettingsSection) -> None:
            if client is not self._client:
                return
            self._put(section_of(section), edit, drafts)
            if edits[1:]:
                self._send(client, edits[1:], drafts)
            else:
                self.is_busy, self._is_saved = False, True
                self._changed()

        self._ask(
            lambda: client.send("PATCH", "/settings", edit, SettingsSection),
            take,
            partial(self._refuse, client, edit),
        )

    def _put(self, new: Section, edit: SettingsEdit, drafts: Mapping[Key, Any]) -> None:
        """Show a section as it was saved; what was typed meanwhile stays."""
        self.sections = [new if one.name == new.name else one for one in self.sections or ()]
        for name in edit.values:
            key = edit.section, name
            self.errors.pop(key, None)
            if self._drafts.get(key) == drafts[key]:
                self._drafts.pop(key, None)

    def _refuse(self, client: Client, edit: SettingsEdit, error: Exception) -> None:
        if client is not self._client:
            return
        if isinstance(error, Refused):
            named = {path.removeprefix(_PATH) for path in error.wrong if path.startswith(_PATH)}
            for name in named & edit.values.keys():
                self.errors[edit.section, name] = t("server_settings.refused")
            if error.code == _PINNED:
                self.look()  # which one, and by what, is said beside it
        self.is_busy, self._refused = False, sentence(error)
        self._changed()
