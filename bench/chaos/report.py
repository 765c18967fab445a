"""What came of a run: every figure with what it means, and whether it is as it must be."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from bench.chaos.ledger import PATIENCE_S, SLOW_S, Effects, Hearing, Ledger, Verdict

_SHOWN_MAX: Final = 8


class Struck(Struct, frozen=True, kw_only=True):
    """A fault, and how long after its end every client was served again; None: not while anybody waited."""

    kind: str
    recovery_s: float | None


class Outcome(Struct, frozen=True, kw_only=True):
    """All that a run found. `held_count` is how many jobs of any kind failed for good.

    `health` is the server's own word at the end; `memory_mb` is before the first and after the last fault, by program.
    """

    seed: int
    lasted_s: float
    ledger: Ledger
    promised: frozenset[int]
    effects: Effects
    hearings: Mapping[str, Hearing]
    held_count: int
    health: str
    struck: Sequence[Struck]
    memory_mb: tuple[Mapping[str, float], Mapping[str, float]]


class Line(Struct, frozen=True, kw_only=True):
    """A figure. `faults` is what must not be; None where there is nothing to be good or bad."""

    name: str
    figure: str
    meaning: str
    faults: Sequence[str] | None = None


def lines(outcome: Outcome) -> list[Line]:
    """Return all figures."""
    return [*_answers(outcome.ledger), *_kept(outcome), *_recoveries(outcome), *_memory(outcome)]


def is_good(outcome: Outcome) -> bool:
    """Return whether nothing is there that must not be."""
    return not any(line.faults for line in lines(outcome))


def text(outcome: Outcome) -> str:
    """Return the report."""
    head = f"{outcome.lasted_s:.0f} s, {len(outcome.struck)} faults, --seed {outcome.seed}"
    return "\n".join([head, *(part for line in lines(outcome) for part in _shown(line))])


def _shown(line: Line) -> Iterator[str]:
    mark = "" if line.faults is None else "BAD " if line.faults else "ok  "
    yield f"{mark:4}{line.name:<36}{line.figure:>12}  {line.meaning}"
    yield from (f"        {fault}" for fault in (line.faults or ())[:_SHOWN_MAX])


def _answers(ledger: Ledger) -> Iterator[Line]:
    slow, refused = ledger.count(Verdict.SLOW), ledger.count(Verdict.REFUSED)
    yield Line(
        name="requests served",
        figure=f"{ledger.count(Verdict.SERVED)}",
        meaning=f"answered as wished within {SLOW_S:g} s",
    )
    yield Line(
        name="degraded",
        figure=f"{slow + refused}",
        meaning=f"answered as wished but later ({slow}), or 503 with Retry-After ({refused})",
    )
    yield Line(
        name="failed",
        figure=f"{ledger.count(Verdict.FAILED)}",
        meaning="any other answer, none, or a connection cut",
    )
    outages = ledger.outages()
    yield Line(
        name=f"failed for longer than {PATIENCE_S:g} s",
        figure=f"{len(outages)}",
        meaning="a client got nothing but failures for so long in a row",
        faults=[f"{one.client}: {one.lasted_s:.1f} s, first {one.reason}" for one in outages],
    )


def _kept(outcome: Outcome) -> Iterator[Line]:
    lost = outcome.effects.lost(outcome.promised)
    held = [f"{outcome.held_count} jobs failed for good"] if outcome.held_count else []
    yield Line(
        name="jobs lost",
        figure=f"{len(lost) + outcome.held_count}",
        meaning=f"of {len(outcome.promised)} promised: no effect in the end, or none of its event; or failed for good",
        faults=[*map(str, sorted(lost)), *held],
    )
    doubled = outcome.effects.doubled()
    yield Line(
        name="effects applied twice",
        figure=f"{len(doubled)}",
        meaning="rows of a job, or of the consumer of its event, that are there more than once",
        faults=[*map(str, sorted(doubled))],
    )
    missed = {
        name: sorted(hearing.missed(outcome.effects.marks))
        for name, hearing in outcome.hearings.items()
    }
    resets = sum(hearing.reset_count for hearing in outcome.hearings.values())
    yield Line(
        name="events missed",
        figure=f"{sum(map(len, missed.values()))}",
        meaning=f"by {len(missed)} listeners, neither told nor found when told to read anew ({resets} times)",
        faults=[f"{name}: {numbers}" for name, numbers in missed.items() if numbers],
    )
    again = sum(hearing.told.total() - len(hearing.told) for hearing in outcome.hearings.values())
    yield Line(
        name="events told again", figure=f"{again}", meaning="the same event to the same listener"
    )
    yield Line(
        name="health at the end",
        figure=outcome.health.partition(",")[0],
        meaning="as `/health/ready` tells it",
        faults=[outcome.health] if outcome.health != "healthy" else [],
    )


def _recoveries(outcome: Outcome) -> Iterator[Line]:
    kinds: dict[str, list[float | None]] = {}
    for one in outcome.struck:
        kinds.setdefault(one.kind, []).append(one.recovery_s)
    for kind, found in sorted(kinds.items()):
        times_s = sorted(time_s for time_s in found if time_s is not None)
        yield Line(
            name=kind,
            figure=f"{len(found)} x",
            meaning=f"everybody served again after {_spread(times_s)}",
            faults=["not served again"] * (len(found) - len(times_s)),
        )


def _spread(times_s: Sequence[float]) -> str:
    if not times_s:
        return "-"
    p95_s = times_s[max(0, -(-len(times_s) * 95 // 100) - 1)]
    return f"p50 {statistics.median(times_s):.1f} s, p95 {p95_s:.1f} s, at most {times_s[-1]:.1f} s"


def _memory(outcome: Outcome) -> Iterator[Line]:
    before, after = outcome.memory_mb
    parts = ", ".join(
        f"{name} {before.get(name, 0):.0f} to {after.get(name, 0):.0f}"
        for name in sorted(before.keys() | after.keys())
    )
    yield Line(
        name="memory (PSS)",
        figure=f"{sum(after.values()):.0f} MB",
        meaning=f"after the last fault; before the first {sum(before.values()):.0f} MB; {parts}",
    )
