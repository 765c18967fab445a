"""What presenters ask, answered by the test when it likes."""

from collections.abc import Callable
from typing import Any


class Asked:
    """An `Ask` that only notes; the oldest question is answered first."""

    def __init__(self) -> None:
        self.calls: list[
            tuple[Callable[[], Any], Callable[[Any], object], Callable[..., object]]
        ] = []

    def __call__[T](
        self,
        call: Callable[[], T],
        on_result: Callable[[T], object],
        on_error: Callable[[Exception], object],
        /,
    ) -> None:
        """Note a question."""
        self.calls.append((call, on_result, on_error))

    def answer(self, result: object) -> None:
        """Give the oldest question this result."""
        self.calls.pop(0)[1](result)

    def fail(self, error: Exception) -> None:
        """Let the oldest question fail."""
        self.calls.pop(0)[2](error)
