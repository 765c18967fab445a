import asyncio

from app.stop import Stop


class Ends:
    """Notes what the stop does to the process."""

    def __init__(self) -> None:
        self.cancel_count = 0
        self.statuses: list[int] = []

    def cancel(self) -> None:
        self.cancel_count += 1

    def exit(self, status: int) -> None:
        self.statuses.append(status)


async def test_one_signal_asks_two_force_three_end_it() -> None:
    ends = Ends()
    stop = Stop(ends.cancel, exit_now=ends.exit)
    assert not stop.is_asked
    stop.signal("SIGINT")
    await asyncio.wait_for(stop.wait(), 1)
    assert (ends.cancel_count, ends.statuses) == (0, [])
    stop.signal("SIGINT")
    assert (ends.cancel_count, ends.statuses) == (1, [])
    stop.signal("SIGINT")
    assert (ends.cancel_count, ends.statuses) == (1, [1])


async def test_a_stop_that_hangs_is_forced_then_ended() -> None:
    ends = Ends()
    ended = asyncio.Event()

    def exit_now(status: int) -> None:
        ends.exit(status)
        ended.set()

    stop = Stop(ends.cancel, exit_now=exit_now)
    stop.ask("test", within_s=0.01)
    await asyncio.wait_for(ended.wait(), 1)
    assert (ends.cancel_count, ends.statuses) == (1, [1])


async def test_a_later_wish_only_shortens_the_grace() -> None:
    stop = Stop(lambda: None, exit_now=lambda _status: None)
    stop.ask("lifeline", within_s=0.3)
    short = stop.grace_s
    stop.ask("command", within_s=3)
    assert stop.grace_s == short


async def test_whoever_asks_last_says_why() -> None:
    ends = Ends()
    stop = Stop(ends.cancel, exit_now=ends.exit)
    assert stop.why is None
    stop.ask("restart", within_s=10)
    stop.signal("SIGTERM")
    assert stop.why == "SIGTERM"
