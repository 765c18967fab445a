"""Cron expressions and time zones, without any database."""

from datetime import UTC

import pytest
from msgspec import Struct

from server.kernel.schedule import Cron
from server.kernel.schedule.scheduler import local_zone


class Sweep(Struct, frozen=True, kw_only=True):
    """Sweep up."""


@pytest.mark.parametrize(
    "expression",
    [
        "0 4 * * *",
        "*/15 * * * *",
        "0 4 * * mon-fri",
        "0 4 last * *",
        "0 4 29 2 *",
        " 0  4 1 jan * ",
    ],
)
def test_an_expression_that_can_be_due_is_taken(expression: str) -> None:
    assert Cron(name="odd.sweep", expression=expression, payload=Sweep()).expression == expression


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "fields"),
        ("@daily", "fields"),
        ("0 0 4 * * *", "fields"),
        ("0 4 * *", "fields"),
        ("60 4 * * *", "60"),
        ("*/0 * * * *", "Increment"),
        ("0 4 * * sunday!", "sunday!"),
        ("0 4 * * 0", "name the weekdays"),
        ("0 4 * * */2", "name the weekdays"),
        ("0 4 31 2 *", "no such day"),
        ("x" * 100_000, "fields"),
        ("\0 4 * * *", "minute"),
    ],
)
def test_an_expression_that_cannot_be_due_is_refused_with_the_reason(
    expression: str, why: str
) -> None:
    with pytest.raises(ValueError, match=r"schedule odd\.sweep") as refused:
        Cron(name="odd.sweep", expression=expression, payload=Sweep())
    assert why in str(refused.value)


def test_the_zone_is_the_computers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Europe/Berlin")
    assert str(local_zone()) == "Europe/Berlin"


@pytest.mark.parametrize(
    "zone", ["Nowhere", "CET-1CEST,M3.5.0", "../../etc/passwd", "/", "x" * 5000]
)
def test_without_a_clear_zone_it_is_utc(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    assert local_zone() is UTC
