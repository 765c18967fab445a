from collections.abc import Callable

import pytest

from server.kernel.config import Limits
from server.kernel.errors import Limited
from server.kernel.http.limits import Gatekeeper, Limit, is_loopback, network_of
from server.kernel.ids import new_id

FAR, OTHER = "192.0.2.1", "192.0.2.2"
ADA = new_id()


class Watch:
    """A watch that a test sets."""

    def __init__(self) -> None:
        self.ms = 5_000_000

    def now_ms(self) -> int:
        return self.ms


@pytest.fixture
def watch() -> Watch:
    return Watch()


def answered(limit: Limit, key: str, count: int) -> int:
    done = 0
    for _ in range(count):
        try:
            limit.take(key)
        except Limited:
            continue
        done += 1
    return done


def test_two_seconds_worth_come_at_once_then_so_many_a_second(watch: Watch) -> None:
    limit = Limit(lambda: 10, now_ms=watch.now_ms)
    assert answered(limit, "a", 100) == 20
    watch.ms += 1000
    assert answered(limit, "a", 100) == 10
    watch.ms += 3_600_000
    assert answered(limit, "a", 100) == 20


def test_another_rate_holds_from_the_next_request(watch: Watch) -> None:
    per_s = [1]
    limit = Limit(lambda: per_s[0], now_ms=watch.now_ms)
    assert answered(limit, "a", 100) == 2
    per_s[0] = 0
    assert answered(limit, "a", 100) == 100
    per_s[0], watch.ms = 10, watch.ms + 60_000
    assert answered(limit, "a", 100) == 20


def test_keys_do_not_disturb_each_other(watch: Watch) -> None:
    limit = Limit(lambda: 1, now_ms=watch.now_ms)
    assert answered(limit, "a", 10) == 2
    assert answered(limit, "b", 10) == 2


def test_it_says_when_the_next_one_is_welcome(watch: Watch) -> None:
    limit = Limit(lambda: 1, now_ms=watch.now_ms)
    assert answered(limit, "a", 2) == 2
    with pytest.raises(Limited) as caught:
        limit.take("a")
    assert caught.value.retry_after_s == 1
    watch.ms += 1000
    limit.take("a")


def test_nought_is_no_limit(watch: Watch) -> None:
    assert answered(Limit(lambda: 0, now_ms=watch.now_ms), "a", 10_000) == 10_000


def test_a_flood_of_keys_does_not_fill_the_memory(watch: Watch) -> None:
    limit = Limit(lambda: 1, now_ms=watch.now_ms)
    for number in range(50_000):
        limit.take(str(number))
    assert len(limit._states) <= 10_000


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.0.2", False),
        ("::ffff:192.168.0.2", False),
        ("", False),
        ("1270.0.0.1", False),
        ("no address", False),
    ],
)
def test_what_is_of_this_machine(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8:0:1::1", "2001:db8::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("", "", True),
        ("a:b", "a:b", True),
        ("x" * 100_000, "y", False),
    ],
)
def test_a_subscriber_counts_once(one: str, other: str, is_same: bool) -> None:
    assert (network_of(one) == network_of(other)) is is_same


def test_one_address_cannot_use_up_what_is_for_all(watch: Watch) -> None:
    door = Gatekeeper(lambda: Limits(global_per_s=10, address_per_s=2), now_ms=watch.now_ms)
    for _ in range(100):
        try:
            door.arrive(FAR)
        except Limited:
            continue
    for _ in range(4):
        door.arrive(OTHER)


def test_this_machine_is_not_starved(watch: Watch) -> None:
    low = Limits(global_per_s=1, address_per_s=1, user_per_s=1, sign_in_per_s=1)
    door = Gatekeeper(lambda: low, now_ms=watch.now_ms)
    acts: tuple[Callable[[], None], ...] = (
        lambda: door.arrive(FAR),
        lambda: door.use(ADA, FAR),
        lambda: door.sign_in(FAR),
    )
    for act in acts:
        act()
        act()
        with pytest.raises(Limited):
            act()
    for _ in range(100):
        door.arrive("127.0.0.1")
        door.sign_in("::1")
    door.use(ADA, "127.0.0.1")
