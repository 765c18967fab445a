"""Programs that may be installed, as the command line tells of them. Without Qt."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from gui.api import Failure


class Offered(Struct, frozen=True, kw_only=True):
    """A program, and whether it is installed; `host` is where it comes from."""

    name: str
    title: str
    version: str
    license: str
    license_url: str
    state: Literal["installed", "other", "available", "no_build"]
    installed_version: str | None
    size_bytes: int | None
    host: str | None


class AllOffered(Struct, frozen=True, kw_only=True):
    """All of them."""

    items: list[Offered]


class Said(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of an installation; the first asks, and waits for an empty line."""

    done_bytes: int = 0
    size_bytes: int | None = None
    is_installed: bool = False
    failure: Failure | None = None


class Running(Protocol):
    """A word of the command line that runs."""

    def give(self, line: bytes) -> None:
        """Write a line to its stdin."""
        ...

    def stop(self) -> None:
        """End it now; nobody is told."""
        ...


class Run(Protocol):
    """Runs words of the command line. `on_end` hears what was printed and not heard by `on_line`; None where they failed."""

    def __call__(
        self,
        words: Sequence[str],
        on_end: Callable[[bytes | None], object],
        on_line: Callable[[bytes], object] | None = None,
        /,
    ) -> Running:
        """Return at once."""
        ...
