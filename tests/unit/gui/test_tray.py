"""The mark in the panel and its menu."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from gui.api import ProgramState
from gui.condition import Condition
from gui.look import Shape
from gui.seen import Seen
from gui.tray.menu import LiveMenu
from gui.tray.presenter import Entry, menu, shape, tooltip, troubles
from gui.tray.view import Tray
from tests.helpers.shown import (
    FAILED,
    FULL,
    RUNNING,
    STARTING,
    UNCLAIMED,
    a_check,
    a_condition,
    a_disk,
    a_failure,
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


def test_the_tooltip_names_what_is_not_well() -> None:
    killed = ProgramState(state="restarting", reason="x", cause="cache.killed")
    seen = Seen(
        checks=[
            a_check("postgresql"),
            a_check("cache", "unhealthy", "health.failed"),
            a_check("search", "unhealthy", "search.refused"),
            a_check("jobs", "unhealthy", "health.timeout"),
        ]
    )
    assert tooltip(a_condition("degraded", cache=killed), seen).splitlines()[2:] == [
        "Another program or the system ended the cache; the system does so when memory runs out.",
        "The search server refuses the key.",
        "Background work: Does not answer in time.",
    ]
    assert len(tooltip(a_condition("running"), seen).splitlines()) == 2


def test_the_menu_offers_what_can_be_done_now() -> None:
    always = {"others", "health", "diagnostics", "autostart", "restart", "quit"}
    full = offered(menu(RUNNING, FULL, starts_at_login=False))
    signed_in = {"sign_out", "libraries", "profiles", "scan", "playing", "pause"}
    assert full == always | signed_in | {"open", "logs"}
    stranger = offered(menu(RUNNING, Seen(), starts_at_login=False))
    assert stranger == always | {"open", "sign_in", "logs"}
    assert offered(menu(FAILED, Seen(), starts_at_login=False)) == always
    assert "restart" not in offered(menu(a_condition("stopping"), Seen(), starts_at_login=True))


def test_each_film_that_plays_can_be_stopped() -> None:
    entries = menu(RUNNING, FULL, starts_at_login=False)
    (playing,) = [one for one in entries if one.deed == "playing"]
    (stop,) = playing.below
    assert stop.text.startswith("Stop Alien ")
    assert stop.text.endswith(" Ada, 1:02:03")
    assert (stop.deed, stop.target) == ("stop", str(FULL.playing[0].session_id))


def test_the_menu_that_is_shown_does_what_it_says(qtbot: QtBot) -> None:
    parent, chosen = QObject(), list[tuple[str, str]]()
    tray = Tray(parent)
    tray.chosen.connect(lambda deed, target: chosen.append((deed, target)))
    tray.present("sail", "Revenge", menu(RUNNING, FULL, starts_at_login=True))
    texts = {one.text(): one for one in tray.menu.actions()}
    assert texts["Start at login"].isChecked()
    assert not texts["Pause background work"].isChecked()
    texts["Open Revenge"].trigger()
    below = texts["Now playing"].menu()
    assert isinstance(below, QMenu)
    below.actions()[0].trigger()
    assert chosen == [("open", ""), ("stop", str(FULL.playing[0].session_id))]
    assert tray.icon.toolTip() == "Revenge"


def test_a_menu_that_says_the_same_is_not_made_anew(qtbot: QtBot) -> None:
    parent = QObject()
    tray = Tray(parent)
    tray.present("sail", "", menu(RUNNING, FULL, starts_at_login=True))
    before = tray.menu.actions()
    tray.present("sail-dot", "", menu(RUNNING, FULL, starts_at_login=True))
    assert tray.menu.actions() == before


def test_an_open_menu_keeps_its_lines_under_the_hand(qtbot: QtBot) -> None:
    live = LiveMenu()
    qtbot.addWidget(live)
    chosen = list[tuple[str, str]]()
    live.chosen.connect(lambda deed, target: chosen.append((deed, target)))
    live.offer(menu(STARTING, Seen(), starts_at_login=False))
    live.popup(QPoint())
    leave = live.actions()[-1]
    live.setActiveAction(leave)

    live.offer(menu(RUNNING, Seen(), starts_at_login=False))
    assert live.activeAction() is leave
    assert live.actions()[0].isEnabled(), "what can be done now is offered at once"
    live.offer(menu(RUNNING, FULL, starts_at_login=False))
    assert live.activeAction() is leave
    assert "Sign in…" in texts(live)
    QTest.keyClick(live, Qt.Key.Key_Return)
    assert chosen == [("quit", "")]

    assert not live.isVisible()
    qtbot.waitUntil(lambda: "Sign out" in texts(live))
    live.actions()[0].trigger()
    assert chosen[1:] == [("open", "")]


def texts(of: QMenu) -> list[str]:
    return [one.text() for one in of.actions()]


def test_where_a_port_is_taken_the_menu_offers_another() -> None:
    entries = menu(a_failure("port_taken", free_port=8081), Seen(), starts_at_login=False)
    assert (entries[0].deed, entries[0].target) == ("other_port", "8081")
    assert "other_port" not in offered(menu(FAILED, Seen(), starts_at_login=False))
