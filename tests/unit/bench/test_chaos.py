"""What the drill counts: nothing that broke may look whole, and nothing whole broken."""

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from bench.chaos.ledger import Effects, Hearing, Ledger, Verdict, verdict
from bench.chaos.report import Outcome, Struck, is_good, lines, text


@pytest.mark.parametrize(
    ("status", "took_s", "retry_after", "worth"),
    [
        (200, 0.1, None, Verdict.SERVED),
        (206, 1.0, None, Verdict.SERVED),
        (200, 1.1, None, Verdict.SLOW),
        (503, 0.1, "1", Verdict.REFUSED),
        (503, 9.0, "1", Verdict.REFUSED),
        (503, 0.1, None, Verdict.FAILED),
        (500, 0.1, "1", Verdict.FAILED),
        (404, 0.1, None, Verdict.FAILED),
        (304, 0.1, None, Verdict.FAILED),
        (None, 0.1, None, Verdict.FAILED),
    ],
)
def test_an_answer_is_worth_what_a_client_can_do_with_it(
    status: int | None, took_s: float, retry_after: str | None, worth: Verdict
) -> None:
    assert verdict(status, took_s=took_s, retry_after=retry_after) is worth


def a_ledger(*answers: tuple[Verdict, float, float], closed_s: float = 100.0) -> Ledger:
    ledger = Ledger()
    ledger.enter("browser")
    for worth, began_s, ended_s in answers:
        ledger.note("browser", worth, began_s=began_s, ended_s=ended_s, reason="no answer")
    ledger.close(closed_s)
    return ledger


FAILED, REFUSED, SERVED, SLOW = Verdict.FAILED, Verdict.REFUSED, Verdict.SERVED, Verdict.SLOW


@pytest.mark.parametrize(
    ("answers", "lasted_s"),
    [
        pytest.param([(FAILED, 1, 2), (FAILED, 2, 3), (SERVED, 5, 6.5)], [5.5], id="two failures"),
        pytest.param([(FAILED, 1, 9), (REFUSED, 9, 9.5)], [8.5], id="until a refusal"),
        pytest.param([(FAILED, 1, 2), (SERVED, 5, 6)], [], id="as long as one may"),
        pytest.param(
            [(FAILED, 1, 2), (SERVED, 2, 3), (FAILED, 6, 7), (SERVED, 7, 8)], [], id="two"
        ),
        pytest.param([(REFUSED, 1, 2), (SLOW, 2, 60), (SERVED, 60, 61)], [], id="no failure"),
        pytest.param([(SERVED, 1, 2), (FAILED, 90, 91)], [10.0], id="still at the end"),
    ],
)
def test_an_outage_lasts_from_the_first_failure_to_the_first_other_answer(
    answers: list[tuple[Verdict, float, float]], lasted_s: list[float]
) -> None:
    assert [one.lasted_s for one in a_ledger(*answers).outages()] == lasted_s


def test_one_client_that_is_served_hides_no_other_that_is_not() -> None:
    ledger = Ledger()
    for name in ("browser", "listener"):
        ledger.enter(name)
    ledger.note("browser", FAILED, began_s=1, ended_s=2, reason="500")
    ledger.note("listener", Verdict.TOLD, began_s=3, ended_s=3)
    ledger.note("browser", SERVED, began_s=9, ended_s=9)
    (outage,) = ledger.outages()
    assert (outage.client, outage.reason) == ("browser", "500")
    assert ledger.unwell_since(5) == ["listener"]
    assert not ledger.is_well_since(5)
    assert ledger.is_well_since(3)


def test_nobody_is_well_by_a_refusal_or_by_an_answer_to_an_older_request() -> None:
    ledger = a_ledger((SERVED, 1, 8), (REFUSED, 8, 9))
    assert not ledger.is_well_since(5)


def test_lost_is_what_was_promised_and_has_no_effect_and_what_nobody_counted() -> None:
    effects = Effects(marks={1: 1, 2: 1, 9: 1}, counts={1: 1, 9: 1})
    assert effects.lost({1, 2, 3}) == {2, 3}


def test_what_was_done_without_a_promise_is_not_lost() -> None:
    assert Effects(marks={7: 1}, counts={7: 1}).lost(()) == set()


@pytest.mark.parametrize(
    ("marks", "counts", "doubled"),
    [
        ({1: 1, 2: 1}, {1: 1, 2: 1}, set()),
        ({1: 2, 2: 1}, {1: 1, 2: 1}, {1}),
        ({1: 1, 2: 1}, {1: 1, 2: 3}, {2}),
    ],
)
def test_doubled_is_what_is_there_more_than_once(
    marks: dict[int, int], counts: dict[int, int], doubled: set[int]
) -> None:
    assert Effects(marks=marks, counts=counts).doubled() == doubled


def test_missed_is_what_a_listener_was_neither_told_nor_read() -> None:
    hearing = Hearing(told=Counter({1: 1, 2: 2}), read={3})
    assert hearing.missed({1, 2, 3, 4}) == {4}


def an_outcome(**changes: Any) -> Outcome:
    good = Outcome(
        seed=7,
        lasted_s=60,
        ledger=a_ledger((SERVED, 1, 1.5)),
        promised=frozenset({1, 2}),
        effects=Effects(marks={1: 1, 2: 1}, counts={1: 1, 2: 1}),
        hearings={"listener 1": Hearing(told=Counter({1: 1, 2: 1}))},
        held_count=0,
        health="healthy",
        struck=[Struck(kind="worker killed", recovery_s=0.5)],
        memory_mb=({"server": 80}, {"server": 81}),
    )
    return replace(good, **changes)


def test_a_run_in_which_nothing_broke_is_good() -> None:
    assert is_good(an_outcome())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ledger": a_ledger((FAILED, 1, 2))}, "browser: 99.0 s, first no answer"),
        ({"promised": frozenset({1, 2, 3})}, "3"),
        ({"held_count": 2}, "2 jobs failed for good"),
        ({"effects": Effects(marks={1: 1, 2: 2}, counts={1: 1, 2: 1})}, "2"),
        ({"hearings": {"listener 1": Hearing(told=Counter({1: 1}))}}, "listener 1: [2]"),
        ({"health": "degraded"}, "degraded"),
        ({"struck": [Struck(kind="worker killed", recovery_s=None)]}, "not served again"),
    ],
    ids=["outage", "lost", "held", "doubled", "missed", "health", "recovery"],
)
def test_one_thing_that_broke_spoils_a_run_and_is_named(changes: dict[str, Any], said: str) -> None:
    outcome = an_outcome(**changes)
    assert not is_good(outcome)
    (bad,) = [line for line in lines(outcome) if line.faults]
    assert list(bad.faults or ()) == [said]
    assert f"BAD {bad.name}" in text(outcome)


def test_an_event_that_is_told_again_is_counted_and_no_fault() -> None:
    outcome = an_outcome(hearings={"listener 1": Hearing(told=Counter({1: 3, 2: 1}))})
    assert is_good(outcome)
    (line,) = [line for line in lines(outcome) if line.name == "events told again"]
    assert line.figure == "2"


def test_recoveries_are_by_kind_with_the_longest() -> None:
    struck = [Struck(kind="worker killed", recovery_s=float(second)) for second in range(1, 21)]
    (line,) = [line for line in lines(an_outcome(struck=struck)) if line.name == "worker killed"]
    assert line.figure == "20 x"
    assert line.meaning.endswith("p50 10.5 s, p95 19.0 s, at most 20.0 s")
