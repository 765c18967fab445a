"""Counts what the drill is about: answers, promises, effects and what was told, without asking anybody."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import Enum

from msgspec import Struct, field

SLOW_S = 1.0
PATIENCE_S = 5.0


class Verdict(Enum):
    """What an answer is worth: `REFUSED` is a 503 that says when to come again, `TOLD` what nobody asked for."""

    SERVED = "served"
    SLOW = "slow"
    REFUSED = "refused"
    FAILED = "failed"
    TOLD = "told"


def verdict(status: int | None, *, took_s: float, retry_after: str | None) -> Verdict:
    """Return what an answer is worth; no status: there was none."""
    if status == 503 and retry_after is not None:
        return Verdict.REFUSED
    if status is None or not 200 <= status < 300:
        return Verdict.FAILED
    return Verdict.SLOW if took_s > SLOW_S else Verdict.SERVED


class Outage(Struct, frozen=True, kw_only=True):
    """A time in which a client got nothing but failures, from the first one's beginning to the first other answer."""

    client: str
    began_s: float
    lasted_s: float
    reason: str


class Client(Struct, kw_only=True):
    """What one client got."""

    counts: Counter[Verdict] = field(default_factory=Counter)
    outages: list[Outage] = field(default_factory=list)
    fails_since_s: float | None = None
    reason: str = ""
    well_s: float = float("-inf")  # when the latest request began that was answered as wished


class Ledger:
    """The answers of all clients. Instants are of one clock, whichever."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}

    def enter(self, name: str) -> None:
        """Know of a client before its first answer."""
        self.clients[name] = Client()

    def note(
        self, name: str, worth: Verdict, *, began_s: float, ended_s: float, reason: str = ""
    ) -> None:
        """Note an answer."""
        client = self.clients[name]
        client.counts[worth] += 1
        if worth is Verdict.FAILED:
            if client.fails_since_s is None:
                client.fails_since_s, client.reason = began_s, reason
            return
        self._end_outage(name, ended_s)
        if worth is not Verdict.REFUSED:
            client.well_s = max(client.well_s, began_s)

    def close(self, now_s: float) -> None:
        """End the outages that have not ended."""
        for name in self.clients:
            self._end_outage(name, now_s)

    def count(self, *worths: Verdict) -> int:
        """Return how many answers were worth that."""
        return sum(client.counts[worth] for client in self.clients.values() for worth in worths)

    def outages(self) -> list[Outage]:
        """Return the outages that were too long, the longest first."""
        found = [one for client in self.clients.values() for one in client.outages]
        return sorted(found, key=lambda one: -one.lasted_s)

    def is_well_since(self, instant_s: float) -> bool:
        """Return whether every client began a request after this that was answered as wished."""
        return all(client.well_s >= instant_s for client in self.clients.values())

    def unwell_since(self, instant_s: float) -> list[str]:
        """Return the clients that did not."""
        return [name for name, client in self.clients.items() if client.well_s < instant_s]

    def _end_outage(self, name: str, now_s: float) -> None:
        client = self.clients[name]
        began_s, client.fails_since_s = client.fails_since_s, None
        if began_s is not None and now_s - began_s > PATIENCE_S:
            client.outages.append(
                Outage(client=name, began_s=began_s, lasted_s=now_s - began_s, reason=client.reason)
            )


class Hearing(Struct, kw_only=True):
    """What one listener knows: what it was told, and what it read when it was told to read anew."""

    told: Counter[int] = field(default_factory=Counter)
    read: set[int] = field(default_factory=set)
    reset_count: int = 0

    def missed(self, numbers: Iterable[int]) -> set[int]:
        """Return which of these numbers it knows nothing of."""
        return set(numbers) - self.told.keys() - self.read


class Effects(Struct, frozen=True, kw_only=True):
    """What is in the database: how often each number was marked, and how often the consumer counted it."""

    marks: Mapping[int, int]
    counts: Mapping[int, int]

    def lost(self, promised: Iterable[int]) -> set[int]:
        """Return the numbers whose job was promised and has no effect, or whose effect nobody counted."""
        return (set(promised) - self.marks.keys()) | (self.marks.keys() - self.counts.keys())

    def doubled(self) -> set[int]:
        """Return the numbers that were marked or counted more than once."""
        return {
            number
            for part in (self.marks, self.counts)
            for number, times in part.items()
            if times > 1
        }
