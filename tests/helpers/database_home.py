"""The database of a server that runs inside a test."""

from typing import Literal

from server.kernel.errors import RevengeError


class FixedHome:
    """Notes where the setup wants to move, and stays. `problem` keeps it from noting."""

    def __init__(
        self,
        *,
        pinned_by: Literal["env", "file"] | None = None,
        refusal: RevengeError | None = None,
        kept_code: str | None = None,
        problem: OSError | None = None,
    ) -> None:
        self.is_chosen = False
        self.pinned_by = pinned_by
        self.refusal = refusal
        self.kept_code = kept_code
        self.moves: list[tuple[str | None, str]] = []
        self._problem = problem

    async def move(self, url: str | None, code: str) -> None:
        """Note it. Raises: OSError, where there is a problem."""
        if self._problem is not None:
            raise self._problem
        self.moves.append((url, code))
