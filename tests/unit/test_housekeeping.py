"""What the server tidies up now and then."""

import pytest

from server.kernel.errors import Unavailable
from server.kernel.precedence import Precedence
from server.kernel.tasks import TaskScope
from server.main import _housekeeping
from tests.helpers.until import until


@pytest.mark.parametrize("error", [Unavailable(), ValueError("broken")])
async def test_a_chore_that_breaks_keeps_no_other_from_being_done(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.main.HOUSEKEEPING_S", 0.01)
    done: list[int] = []

    async def broken() -> None:
        raise error

    async def good() -> None:
        done.append(len(done))

    async with TaskScope() as tasks:
        tasks.spawn(_housekeeping((broken, good), Precedence()), name="housekeeping")
        await until(lambda: len(done) >= 3)
