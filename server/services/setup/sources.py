"""What the setup asks of the program around the server: which database that stands on, and to start on another."""

from typing import Literal, Protocol

from server.kernel.errors import RevengeError


class DatabaseHome(Protocol):
    """The database of this run. The setup's code outlives a restart that it asked for: `kept_code`."""

    @property
    def is_chosen(self) -> bool:
        """Whether it is an external one that was chosen in the setup."""
        ...

    @property
    def pinned_by(self) -> Literal["env", "file"] | None:
        """What holds the choice fast, so that the setup cannot change it."""
        ...

    @property
    def refusal(self) -> RevengeError | None:
        """Why the one that was chosen last could not be used."""
        ...

    @property
    def kept_code(self) -> str | None:
        """The code of the run before."""
        ...

    async def move(self, url: str | None, code: str) -> None:
        """Have the server start again on another one, its own where `url` is None. Raises: OSError."""
        ...
