"""The windows, shown offscreen, and what their presenters say."""

from typing import Literal

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gui.api import ProgramState, Refused, Unreachable
from gui.condition import Condition
from gui.seen import Seen
from gui.widgets.qr import qr_image
from gui.windows.logs.presenter import matching, news
from gui.windows.logs.view import LogsWindow
from gui.windows.overview.presenter import Here, addresses, overview, ways
from gui.windows.overview.view import OverviewWindow
from gui.windows.sign_in.presenter import can_try, why_not
from gui.windows.sign_in.view import SignIn
from tests.helpers.shown import (
    FAILED,
    FULL,
    OPEN,
    READY,
    RUNNING,
    STARTING,
    a_check,
    a_condition,
    a_disk,
    a_failure,
    a_library,
    a_scan,
)

HOSTS = ("127.0.0.1", "169.254.1.1", "192.168.1.5")
HERE = Here(lan_hosts=HOSTS)


def test_the_overview_tells_how_every_part_fares() -> None:
    seen = replace(
        FULL, checks=[a_check("postgresql"), a_check("jobs", "unhealthy"), a_check("new")]
    )
    page = overview(a_condition("degraded"), seen, HERE)
    assert [(one.mark, one.title) for one in page.parts] == [
        ("warn", "Server"),
        ("good", "Database (PostgreSQL)"),
        ("warn", "Background work"),
        ("good", "new"),
    ]
    assert page.parts[2].text.startswith("Does not answer in time")


def test_the_overview_of_a_server_that_is_away_says_why_and_when_it_goes_on() -> None:
    page = overview(FAILED, FULL, HERE)
    assert page.text == "Port 8080 is taken by another program."
    assert page.retry == "Next attempt in 8 s."
    assert (page.playing, page.scans, page.disks, page.addresses) == ([], [], [], [])
    assert "when the server is running" in page.hint
    assert overview(STARTING, Seen(), Here()).text == "Bringing data up to date"
    assert overview(RUNNING, Seen(), Here()).hint == "Sign in to see this."


@pytest.mark.parametrize(
    ("scan", "mark", "text"),
    [
        (None, "faint", "Not scanned yet"),
        (a_scan(state="waiting"), "faint", "Waits for its turn"),
        (a_scan(), "faint", "100 of 1000 files read"),
        (a_scan(state="done"), "good", "Items: 7."),
        (a_scan(state="done", error_count=2), "warn", "Items: 7. Unreadable files: 2."),
        (a_scan(state="failed"), "bad", "The folder does not answer."),
    ],
)
def test_each_library_tells_of_its_scan(scan: object, mark: str, text: str) -> None:
    library = a_library(scan=scan)
    (row,) = overview(RUNNING, replace(FULL, libraries=[library]), Here()).scans
    assert (row.mark, row.text) == (mark, text)


def test_each_disk_tells_how_full_it_is() -> None:
    disks = [a_disk(10**12), a_disk(10**9), a_disk(0, 0)]
    rows = overview(RUNNING, replace(FULL, disks=disks), Here()).disks
    assert [(row.mark, row.share) for row in rows] == [
        ("good", 0.75),
        ("warn", 0.99975),
        ("bad", None),
    ]


def test_addresses_are_those_at_which_the_server_listens() -> None:
    local = READY.address
    assert addresses("127.0.0.1", local, HOSTS) == [local]
    assert addresses("192.168.1.5", local, HOSTS) == [local]
    assert addresses("::", local, HOSTS) == ["http://192.168.1.5:8080/", local]


def test_the_overview_shows_its_page_and_stops_what_plays(qtbot: QtBot) -> None:
    window, asked = OverviewWindow(), list[str]()
    qtbot.addWidget(window)
    window.stop_asked.connect(asked.append)
    window.show()
    for condition, seen in ((FAILED, Seen()), (OPEN, FULL), (OPEN, FULL)):
        window.present(overview(condition, seen, HERE))
    assert window.title.text() == "The server is running"
    assert "192.168.1.5:8080" in window.addresses.lines.text()
    assert window.addresses.code.isVisible()
    assert "192.168.1.5" in window.addresses.code.accessibleName()
    (button,) = window.playing.findChildren(QPushButton)
    button.click()
    assert asked == [str(FULL.playing[0].session_id)]
    window.close()
    assert not window.isVisible()


def test_a_code_is_square_and_has_its_quiet_zone(qtbot: QtBot) -> None:
    image = qr_image("http://192.168.1.5:8080/")
    assert image.width() == image.height() > 8
    edge = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(4)}
    assert edge == {"#ffffff"}
    assert image.pixelColor(4, 4).name() == "#000000"


def test_lines_are_found_by_every_word_in_any_case() -> None:
    lines = ["Scan finished", "scan failed", "ready"]
    assert matching(lines, "SCAN fin") == ["Scan finished"]
    assert matching(lines, "") == lines
    assert matching([], "x") == []


def test_only_what_is_new_is_appended() -> None:
    assert news(["a"], ["a", "b"]) == ["b"]
    assert news(["a"], ["a"]) == []
    assert news(["a", "b"], ["b", "c"]) is None


def test_the_log_follows_is_filtered_and_copied(qtbot: QtBot) -> None:
    window = LogsWindow(lambda: None)
    qtbot.addWidget(window)
    window.show()
    window.present([f"line {number}" for number in range(300)])
    bar = window.text.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    window.follows.setChecked(False)
    bar.setValue(5)
    window.present([f"line {number}" for number in range(301)])
    assert bar.value() == 5
    window.filter.setText("LINE 300")
    assert window.text.toPlainText() == "line 300"
    window.copy.click()
    assert QGuiApplication.clipboard().text() == "line 300"
    window.filter.setText("nothing such")
    assert not window.copy.isEnabled()


def test_signing_in_needs_both_and_says_why_not(qtbot: QtBot) -> None:
    assert [can_try(*pair) for pair in (("", "x"), (" ", "x"), ("a", ""), ("a", "x"))] == [
        False,
        False,
        False,
        True,
    ]
    assert why_not(Refused(401, "c", "Name or password is wrong.")) == "Name or password is wrong."
    assert "running" in why_not(Unreachable("x"))
    dialog = SignIn("http://127.0.0.1:1/")
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.button.isEnabled()
    dialog.name.setText("Ada")
    dialog.password.setText("secret")
    dialog.button.click()
    qtbot.waitUntil(dialog.problem.isVisible)
    assert dialog.button.isEnabled()


@pytest.mark.parametrize(
    ("condition", "deeds"),
    [
        (RUNNING, []),
        (STARTING, []),
        (a_condition("degraded"), [("diagnostics", "")]),
        (FAILED, [("restart", ""), ("diagnostics", "")]),
        (a_failure("port_taken", free_port=8081), [("other_port", "8081"), ("restart", ""), ("diagnostics", "")]),
        (
            a_failure("data_dir.full", folder="/srv/a/b", near="/srv"),
            [("open_path", "/srv"), ("restart", ""), ("diagnostics", "")],
        ),
        (
            a_failure("config.no_yaml", config_file="/srv/config.yaml"),
            [("open_path", "/srv/config.yaml"), ("restart", ""), ("diagnostics", "")],
        ),
        (a_failure("config.not_a_number", config_file=None), [("restart", ""), ("diagnostics", "")]),
    ],
)  # fmt: skip
def test_the_overview_offers_the_ways_out(
    condition: Condition, deeds: list[tuple[str, str]]
) -> None:
    assert [(way.deed, way.target) for way in ways(condition)] == deeds


def test_a_way_out_is_taken_and_keeps_its_button_while_seconds_pass(qtbot: QtBot) -> None:
    window, chosen = OverviewWindow(), list[tuple[str, str]]()
    qtbot.addWidget(window)
    window.chosen.connect(lambda deed, target: chosen.append((deed, target)))
    window.show()
    failed = a_failure("port_taken", free_port=8081)
    window.present(overview(failed, Seen(), HERE))
    first, *_ = window.ways.findChildren(QPushButton)
    window.present(overview(replace(failed, retry_in_s=7), Seen(), HERE))
    assert window.retry.text() == "Next attempt in 7 s."
    assert window.ways.findChildren(QPushButton)[0] is first
    assert first.text() == "Start on port 8081"
    first.click()
    assert chosen == [("other_port", "8081")]
    window.present(overview(OPEN, FULL, HERE))
    assert not window.ways.isVisible()


def test_why_the_database_ended_is_said_in_the_words_of_the_windows() -> None:
    program = ProgramState(state="restarting", reason="x", cause="database.disk_full")
    status = replace(READY, postgres=program)
    page = overview(Condition(situation="degraded", status=status), Seen(), HERE)
    assert page.parts[0].text == "The disk of the database is full. Free some space on it."


@pytest.mark.parametrize(
    ("code", "program", "text"),
    [
        ("search.refused", None, "The search server refuses the key. Correct search.api_key: it must allow to make, list and fill collections. Until then the database searches."),
        ("search.unreachable", "restarting", "The disk of the search server is full. Free some space on it. Until then the database searches."),
        ("search.not_ready", "running", "The search server is not ready. It reads what it keeps, or is behind with what it was told; until it is done the database searches."),
        ("search.of_tomorrow", None, "Does not answer in time. The log says more."),
        (None, None, "Does not answer in time. The log says more."),
    ],
)  # fmt: skip
def test_why_a_part_is_not_well_is_said(
    code: str | None, program: Literal["restarting", "running"] | None, text: str
) -> None:
    ended = program and ProgramState(state=program, reason="x", cause="search.disk_full")
    condition = Condition(situation="degraded", status=replace(READY, search=ended))
    seen = Seen(checks=[a_check("search", "unhealthy", code)])
    row = overview(condition, seen, HERE).parts[1]
    assert (row.mark, row.title, row.text) == ("warn", "Search server", text)


def test_a_part_that_the_windows_do_not_know_has_its_own_name() -> None:
    page = overview(RUNNING, Seen(checks=[a_check("of_tomorrow")]), HERE)
    assert page.parts[1].title == "of_tomorrow"


def test_a_server_that_lacks_something_says_what() -> None:
    full = a_check("storage", "unhealthy", "storage.full")
    condition = a_condition("degraded", checks=[full])
    page = overview(condition, Seen(checks=[full]), Here())
    assert page.text.startswith("The disk of the server's data is nearly full.")
    assert (page.parts[1].mark, page.parts[1].title) == ("warn", "Room for the server's data")
    assert page.parts[1].text == page.text


def test_a_long_path_is_not_cut(qtbot: QtBot) -> None:
    window = OverviewWindow()
    qtbot.addWidget(window)
    folder = "/srv" + "/a-folder-of-many" * 20
    window.present(overview(a_failure("data_dir.full", folder=folder), Seen(), HERE))
    window.show()
    assert window.text.minimumSizeHint().width() < window.width()
    assert window.text.text().replace("\u200b", "").count(folder) == 1
