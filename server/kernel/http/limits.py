"""How many requests are answered: of all together, of an address, of a user, and of those who sign in.

What is typed wrong is counted elsewhere, in the database. Here it is only about load.
"""

import math
import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final
from uuid import UUID

from pyrate_limiter import GCRA, Rate

from server.kernel.config import Limits
from server.kernel.errors import Limited

_BURST_S: Final = 2
"""So many seconds' worth may come in one moment."""

_MOST_KEYS: Final = 10_000
_SUBSCRIBER_BITS: Final = 64
"""One IPv6 subscriber has at least so many addresses (RFC 6177)."""

Gauge = Callable[[], int]


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Limit:
    """A rate for each key (GCRA: one number a key); 0 a second is no limit. It may change from call to call."""

    def __init__(self, per_s: Gauge, *, now_ms: Gauge = _now_ms) -> None:
        self._per_s = per_s
        self._rule = GCRA()
        self._states: dict[str, tuple[int | float, ...]] = {}
        self._now_ms = now_ms

    def take(self, key: str = "") -> None:
        """Count one request. Raises: Limited."""
        per_s = self._per_s()
        if not per_s:
            return
        rates = _rates(per_s)
        now_ms = self._now_ms()
        state = self._states.get(key)
        if state is None:
            self._make_room(now_ms)
            state = self._rule.initial(rates)
        self._states[key], decision = self._rule.step(rates, state, now_ms, 1)
        if not decision.allowed:
            wait_ms = decision.retry_after_ms or 1
            raise Limited(retry_after_s=math.ceil(wait_ms / 1000))

    def _make_room(self, now_ms: int) -> None:
        """Forget who has been quiet; where everybody is busy, everybody: a flood of keys must not fill the memory."""
        if len(self._states) < _MOST_KEYS:
            return
        now_us = now_ms * 1000
        self._states = {key: state for key, state in self._states.items() if state[0] > now_us}
        if len(self._states) >= _MOST_KEYS:
            self._states.clear()


@lru_cache(maxsize=16)
def _rates(per_s: int) -> list[Rate]:
    return [Rate(per_s * _BURST_S, _BURST_S * 1000)]


class Gatekeeper:
    """The limits of a server. Whoever sits at this machine counts for a user alone, apart from those far away."""

    def __init__(self, limits: Callable[[], Limits], *, now_ms: Gauge = _now_ms) -> None:
        self._all = Limit(lambda: limits().global_per_s, now_ms=now_ms)
        self._address = Limit(lambda: limits().address_per_s, now_ms=now_ms)
        self._user = Limit(lambda: limits().user_per_s, now_ms=now_ms)
        self._sign_in = Limit(lambda: limits().sign_in_per_s, now_ms=now_ms)

    def arrive(self, address: str) -> None:
        """Count a request before anything is known of it but where it comes from. Raises: Limited."""
        if is_loopback(address):
            return
        self._address.take(network_of(address))  # first: one flood must not use up what is for all
        self._all.take()

    def use(self, user_id: UUID, address: str) -> None:
        """Count a request of somebody who is signed in. Raises: Limited."""
        self._user.take(f"{user_id}@" if is_loopback(address) else str(user_id))

    def sign_in(self, address: str) -> None:
        """Count a try to prove who one is: each costs much memory and time. Raises: Limited."""
        if not is_loopback(address):
            self._sign_in.take()


def is_loopback(address: str) -> bool:
    """Return whether it is an address of this machine that nobody else can use."""
    return address == "::1" or address.startswith(("127.", "::ffff:127."))


def network_of(address: str) -> str:
    """Return an IPv4 address as it is, of an IPv6 address the part that one subscriber has."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address) or parsed.ipv4_mapped is not None:
        return address
    return str(int(parsed) >> (128 - _SUBSCRIBER_BITS))
