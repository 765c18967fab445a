"""The mark in the panel and its menu."""

import pytest
from msgspec.structs import replace

from gui.api import ProgramState
from gui.condition import Condition
from gui.look import Shape
from gui.seen import Seen
from gui.tray.presenter import Entry, menu, shape, tooltip, troubles
from tests.helpers.shown import (
    FAILED,
    FULL,
    RUNNING,
    STARTING,
    UNCLAIMED,
    a_check,
    a_condition,
    a_disk,
)


@pytest.mark.parametrize(
    ("condition", "seen", "expected"),
    [
        (RUNNING, FULL, "sail"),
        (RUNNING, Seen(), "sail"),
        (STARTING, Seen(), "sail-broken"),
        (a_condition("degraded"), FULL, "sail-broken"),
        (a_condition("stopped"), FULL, "sail-broken"),
        (FAILED, Seen(), "sail-dot"),
        (UNCLAIMED, Seen(), "sail-dot"),
        (RUNNING, replace(FULL, disks=[a_disk(10**9)]), "sail-dot"),
    ],
)
def test_the_shape_of_the_mark_tells_the_state(
    condition: Condition, seen: Seen, expected: Shape
) -> None:
    assert shape(condition, seen) == expected


def test_the_tooltip_tells_what_goes_on() -> None:
    assert tooltip(RUNNING, Seen()).splitlines() == ["Revenge", "The server is running"]
    assert "(3 of 17)" in tooltip(STARTING, Seen())
    assert tooltip(FAILED, FULL).splitlines()[2:] == [
        "Port 8080 is taken by another program.",
        "Next attempt in 8 s.",
    ]
    again = tooltip(replace(FAILED, failed_count=4), FULL)
    assert again.endswith("Failed 4 times in a row, next attempt in 8 s.")
    assert "set it up" in tooltip(UNCLAIMED, Seen())
    lines = tooltip(RUNNING, replace(FULL, is_paused=True)).splitlines()
    assert lines[2:] == ["Now playing: 1", "Scanning: Films 1", "Background work is paused"]


DEAD = ProgramState(state="restarting", reason="x", cause="cache.killed")


@pytest.mark.parametrize(
    ("condition", "seen", "told", "line"),
    [
        (
            a_condition("degraded", checks=[a_check("cache", "unhealthy")], cache=DEAD),
            Seen(),
            "Another program or the system ended the cache; the system does so when memory runs out."
            " It is started again by itself.",
            "Another program or the system ended the cache",
        ),
        (
            a_condition("degraded", checks=[a_check("search", "unhealthy", "search.refused")]),
            Seen(),
            "The search server refuses the key. Correct search.api_key: it must allow to make, list and fill collections."
            " Until then the database searches.",
            "The search server refuses the key",
        ),
        (
            a_condition("degraded", checks=[a_check("storage", "unhealthy", "storage.full")]),
            Seen(),
            "The disk of the server's data is nearly full. Free some space on it, else nothing can be kept.",
            "The disk of the server's data is nearly full",
        ),
        (
            a_condition("degraded", checks=[a_check("postgresql"), a_check("new", "unhealthy")]),
            FULL,
            "new: Does not answer in time. The log says more.",
            "new: Does not answer in time",
        ),
        (
            RUNNING,
            replace(FULL, disks=[a_disk(10**9)]),
            "The disk of /films is nearly full: 1.0 GB are free.",
            "The disk of /films is nearly full: 1.0 GB are free",
        ),
        (FAILED, FULL, "Port 8080 is taken by another program.", "Port 8080 is taken by another program"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_in_the_tooltip_and_the_menu(
    condition: Condition, seen: Seen, told: str, line: str
) -> None:
    assert told in tooltip(condition, seen).splitlines()
    (entry,) = [
        one
        for one in menu(condition, seen, starts_at_login=True)
        if one.deed == "health" and one.text != "Health…"
    ]
    assert entry.text == line
    assert entry.is_enabled


def test_the_gravest_comes_first() -> None:
    database = replace(a_check("postgresql", "unhealthy"), category="critical")
    checks = [a_check("cache", "unhealthy"), database]
    first, second = troubles(a_condition("degraded", checks=checks), Seen())
    assert first.startswith("Database (PostgreSQL): ")
    assert second.startswith("Cache: ")


def offered(entries: list[Entry]) -> set[str]:
    return {str(one.deed) for one in entries if one.deed and one.is_enabled}


@pytest.mark.parametrize(
    ("condition", "seen", "is_offered"),
    [
        (RUNNING, replace(FULL, may_edit_settings=True), True),
        (RUNNING, FULL, False),
        (RUNNING, Seen(), False),
        (STARTING, replace(FULL, may_edit_settings=True), False),
    ],
)
def test_the_settings_are_offered_to_those_who_may_change_them(
    condition: Condition, seen: Seen, is_offered: bool
) -> None:
    assert ("settings" in offered(menu(condition, seen, starts_at_login=True))) == is_offered
