"""What the window of a PIN asks for, sends and forgets. Without Qt."""

import re
from collections.abc import Callable
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from gui.api import Client, PinChange, PinProof, PinTry, Refused
from gui.asking import Ask, sentence
from gui.pace import duration
from gui.texts import t

Purpose = Literal["verify", "set", "remove"]
FieldName = Literal["pin", "again", "current_pin", "password"]
PIN_MAX: Final = 8
_PIN: Final = re.compile(r"[0-9]{4,8}")
_LIMITED: Final = 429


class Target(Struct, frozen=True, kw_only=True):
    """Whose PIN it is; one that has none is proved by the password."""

    profile_id: UUID
    has_pin: bool


class Entry:
    """Digits and proof, until the server was asked or the window lost the focus."""

    def __init__(
        self,
        ask: Ask,
        changed: Callable[[], object],
        client: Client,
        target: Target,
        purpose: Purpose,
    ) -> None:
        self.texts: dict[FieldName, str] = {}
        self.error = ""
        self.wait_s = 0
        self.is_busy = False
        self.is_done = False
        self.uses_password = not target.has_pin
        self._ask = ask
        self._changed = changed
        self._client = client
        self._target = target
        self._purpose = purpose

    @property
    def fields(self) -> tuple[FieldName, ...]:
        """The fields that are to be filled, in their order."""
        proof: FieldName = "password" if self.uses_password else "current_pin"
        match self._purpose:
            case "verify":
                return ("pin",)
            case "remove":
                return (proof,)
            case "set":
                return (proof, "pin", "again")

    @property
    def can_choose_proof(self) -> bool:
        """Whether the password may stand in for a PIN that was forgotten."""
        return self._target.has_pin and self._purpose != "verify"

    @property
    def can_send(self) -> bool:
        """Whether all is there that the server asks for."""
        filled = all(_fits(name, self.texts.get(name, "")) for name in self.fields)
        agrees = "again" not in self.fields or self.texts.get("again") == self.texts.get("pin")
        return filled and agrees and not self.is_busy and not self.wait_s

    @property
    def message(self) -> str:
        """What to say below the fields."""
        if self.wait_s:
            return t("pin.wait", time=duration(self.wait_s))
        again = self.texts.get("again", "")
        if "again" in self.fields and again and not self.texts.get("pin", "").startswith(again):
            return t("pin.differ")
        return self.error

    def write(self, name: FieldName, text: str) -> None:
        """Take what is in a field; of a PIN only digits."""
        self.texts[name] = text if name == "password" else digits(text)
        self.error = ""
        self._changed()

    def forget(self) -> None:
        """Empty every field."""
        self.texts = {}
        self._changed()

    def choose_proof(self, *, is_password: bool) -> None:
        """Prove it by the password, or by the PIN."""
        self.uses_password = is_password
        self.forget()

    def tick(self) -> None:
        """Let a second of the wait pass."""
        self.wait_s = max(0, self.wait_s - 1)
        self._changed()

    def send(self) -> None:
        """Ask the server; whatever it says, the fields are empty afterwards."""
        if not self.can_send:
            return
        call = self._call()
        self.is_busy = True
        self.forget()
        self._ask(call, self._accept, self._refuse)

    def _call(self) -> Callable[[], object]:
        client, texts = self._client, self.texts
        path = f"/profiles/{self._target.profile_id}/pin"
        pin, password = texts.get("pin", ""), texts.get("password")
        current = texts.get("current_pin")
        match self._purpose:
            case "verify":
                return lambda: client.tell("POST", f"{path}/verify", PinTry(pin=pin))
            case "remove":
                proof = PinProof(password=password, current_pin=current)
                return lambda: client.tell("DELETE", path, proof)
            case "set":
                change = PinChange(pin=pin, password=password, current_pin=current)
                return lambda: client.tell("PUT", path, change)

    def _accept(self, _: object) -> None:
        self.is_busy, self.is_done = False, True
        self._changed()

    def _refuse(self, error: Exception) -> None:
        self.is_busy = False
        self.error = sentence(error)
        if isinstance(error, Refused) and error.status == _LIMITED:
            self.wait_s = error.retry_after_s
        self._changed()


def digits(text: str) -> str:
    """Return the digits of a text, as many as a PIN may have."""
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())[:PIN_MAX]


def _fits(name: FieldName, text: str) -> bool:
    return bool(text) if name == "password" else _PIN.fullmatch(text) is not None
