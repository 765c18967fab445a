"""What the window of the profiles shows. Without Qt."""

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from gui.api import Client, OwnProfile, OwnProfiles
from gui.asking import Ask, sentence
from gui.texts import t
from gui.windows.pin.presenter import Purpose, Target

Situation = Literal["loading", "away", "empty", "full"]
Wish = Literal["set", "change", "remove"]
PURPOSES: dict[Wish, Purpose] = {"set": "set", "change": "set", "remove": "remove"}


class Row(Struct, frozen=True, kw_only=True):
    """A profile, and what can be done with its PIN."""

    name: str
    state: str
    wishes: Sequence[Wish]
    target: Target


class Profiles:
    """The profiles of the account that is signed in, the default one first."""

    def __init__(self, ask: Ask, changed: Callable[[], object]) -> None:
        self.client: Client | None = None
        self.rows: Sequence[Row] | None = None
        self.error = ""
        self._ask = ask
        self._changed = changed

    @property
    def situation(self) -> Situation:
        """What there is to see."""
        if self.client is None:
            return "away"
        if self.rows is None:
            return "loading"
        return "full" if self.rows else "empty"

    def connect(self, client: Client | None) -> None:
        """Ask this server from now on, None where nobody is signed in."""
        self.client, self.rows, self.error = client, None, ""
        self._changed()

    def look(self) -> None:
        """Load the profiles."""
        client = self.client
        if client is None:
            return

        def take(answer: OwnProfiles) -> None:
            if client is self.client:
                self.rows, self.error = [_row(one) for one in answer.items], ""
                self._changed()

        def miss(error: Exception) -> None:
            if client is self.client:
                self.error = sentence(error)
                self._changed()

        self._ask(lambda: client.get("/profiles", OwnProfiles), take, miss)


def _row(profile: OwnProfile) -> Row:
    state = t("profiles.has_pin" if profile.has_pin else "profiles.no_pin")
    return Row(
        name=profile.name,
        state=t("profiles.default", state=state) if profile.is_default else state,
        wishes=("change", "remove") if profile.has_pin else ("set",),
        target=Target(profile_id=profile.profile_id, has_pin=profile.has_pin),
    )
