"""What the card of the programs knows, shows and does. Without Qt."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from gui.condition import why
from gui.offers import AllOffered, Offered, Run, Running, Said
from gui.seen import size
from gui.texts import t


class Row(Struct, frozen=True, kw_only=True):
    """A program. `deed` is what its button does, `share` of 0 to 1 draws a bar."""

    name: str
    title: str
    what: str
    license: str
    license_url: str
    is_installed: bool
    text: str
    is_bad: bool = False
    deed: Literal["install", "agree", "restart"] | None = None
    deed_text: str = ""
    can_cancel: bool = False
    share: float | None = None


class Programs:
    """What is offered, and the one installation that runs: asked for, agreed to, on its way.

    `restart` starts the server again, which then uses what was installed.
    """

    def __init__(
        self, run: Run, changed: Callable[[], object], restart: Callable[[], object]
    ) -> None:
        self.rows: Sequence[Row] = ()
        self.note = t("programs.looking")
        self._run = run
        self._changed = changed
        self._restart = restart
        self._offered: Sequence[Offered] = ()
        self._name = ""
        self._running: Running | None = None
        self._said: Said | None = None
        self._is_agreed = False
        self._ends: dict[str, tuple[str, bool]] = {}  # what came of it, and whether that is bad

    def look(self) -> None:
        """Look what is installed, unless something is being installed."""
        if self._running is None:
            self._ends.clear()
            self._list()

    def install(self, name: str) -> None:
        """Ask how large a program is."""
        if self._running is None:
            self._name, self._said, self._is_agreed = name, None, False
            self._ends.pop(name, None)
            words = ("programs", "install", name, "--json")
            self._running = self._run(words, self._end, self._hear)
            self._tell()

    def agree(self) -> None:
        """Download what was asked about."""
        if self._running is not None and self._said is not None and not self._is_agreed:
            self._is_agreed = True
            self._running.give(b"")
            self._tell()

    def cancel(self) -> None:
        """End it; what came already is used the next time."""
        if self._running is not None:
            self._running.stop()
            self._running = None
            self._tell()

    def restart(self) -> None:
        """Have the server use what was installed."""
        self._ends.clear()
        self._tell()
        self._restart()

    def _list(self) -> None:
        self._run(("programs", "list", "--json"), self._take)

    def _take(self, printed: bytes | None) -> None:
        try:
            self._offered = msgspec.json.decode(printed or b"", type=AllOffered).items
            self.note = ""
        except msgspec.MsgspecError:
            self.note = t("programs.unknown")
        self._tell()

    def _hear(self, line: bytes) -> None:
        try:
            said = msgspec.json.decode(line, type=Said)
        except msgspec.MsgspecError:
            return
        self._said = said
        if said.failure is not None:
            self._ends[self._name] = (why(said.failure), True)
        elif said.is_installed:
            self._ends[self._name] = (t("programs.installed_now"), False)
        self._tell()

    def _end(self, _: bytes | None) -> None:
        self._running = None
        self._ends.setdefault(self._name, (t("programs.ended"), True))
        self._list()

    def _tell(self) -> None:
        self.rows = [self._row(one) for one in self._offered]
        self._changed()

    def _row(self, offered: Offered) -> Row:
        row = Row(
            name=offered.name,
            title=f"{offered.title} {offered.version}",
            what=t(f"programs.what.{offered.name}"),
            license=offered.license,
            license_url=offered.license_url,
            is_installed=offered.state == "installed",
            text=_text(offered),
        )
        if self._running is not None and offered.name == self._name:
            return self._under_way(row, offered)
        text, is_bad = self._ends.get(offered.name, (row.text, False))
        deed = self._deed(offered) if self._running is None else None
        return msgspec.structs.replace(
            row,
            text=text,
            is_bad=is_bad,
            deed=deed,
            deed_text=t(f"programs.deed.{deed}") if deed else "",
        )

    def _deed(self, offered: Offered) -> Literal["install", "restart"] | None:
        if offered.state in {"available", "other"}:
            return "install"
        return "restart" if offered.name in self._ends else None

    def _under_way(self, row: Row, offered: Offered) -> Row:
        said, changed = self._said, msgspec.structs.replace
        if said is None:
            return changed(row, text=t("programs.asking", host=offered.host), can_cancel=True)
        large = said.size_bytes
        if not self._is_agreed:
            code = "programs.question" if large else "programs.question_any_size"
            text = t(code, size=size(large or 0), host=offered.host)
            download = t("programs.deed.agree")
            return changed(row, text=text, deed="agree", deed_text=download, can_cancel=True)
        if said.is_installed or (large and said.done_bytes >= large):
            return changed(row, text=t("programs.checking"), share=1.0)
        done = size(said.done_bytes)
        text = t("programs.loading", done=done, size=size(large)) if large else done
        share = said.done_bytes / large if large else None
        return changed(row, text=text, share=share, can_cancel=True)


def _text(offered: Offered) -> str:
    """Return how it stands with a program that nothing is done with."""
    large = size(offered.size_bytes) if offered.size_bytes else "?"
    return t(f"programs.state.{offered.state}", version=offered.installed_version, size=large)
