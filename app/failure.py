"""The one error that ends a start: its text is a sentence for the person at the console."""

from typing import Literal

from msgspec import Struct

Code = Literal["failed", "port_taken", "data_dir_unusable", "already_runs"]


class TakenPort(Struct, frozen=True, kw_only=True):
    """A port that another program has, where we may see which; `free_port` is the next one that nobody has."""

    port: int
    free_port: int | None
    holder: str | None
    holder_pid: int | None


class Failure(Struct, frozen=True, kw_only=True):
    """Why a start ended before the handshake: with a lifeline, the one line on stderr."""

    code: Code
    reason: str
    taken_port: TakenPort | None


class StartFailed(Exception):
    """The server cannot start; the text says why and what to do, and holds no secret."""

    def __init__(
        self, reason: str, *, code: Code = "failed", taken_port: TakenPort | None = None
    ) -> None:
        super().__init__(reason)
        self.failure = Failure(code=code, reason=reason, taken_port=taken_port)
