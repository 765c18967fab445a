"""Other servers, as strangers announce them and as the tray offers them."""

import json
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint
from pytestqt.qtbot import QtBot

from gui.around import Around
from gui.errand import Errand, Program
from gui.others import Other, at_home, others, own_id
from gui.seen import Seen
from gui.tray.menu import LiveMenu
from gui.tray.presenter import Entry, menu
from tests.helpers.shown import RUNNING

ID = "0123456789abcdef" * 2


def said(*items: object) -> bytes:
    return json.dumps({"items": items}).encode()


def announced(name: str = "Revenge 01234567", *addresses: str, **more: object) -> dict[str, object]:
    usual = {"version": "0.1.0", "installation_id": "f" * 32}
    return {"name": name, "addresses": addresses or ["http://192.168.1.5:8080/"], **usual, **more}


def test_ours_is_left_out_and_the_rest_is_in_order() -> None:
    answer = said(announced("b"), announced("ours", installation_id=ID), announced("a"))
    assert [one.name for one in others(answer, ID)] == ["a", "b"]
    assert [one.name for one in others(answer, "")] == ["a", "b", "ours"]


@pytest.mark.parametrize(
    ("address", "opened"),
    [
        ("http://192.168.1.5:8080/", "http://192.168.1.5:8080/"),
        ("https://10.0.0.1:443/", "https://10.0.0.1:443/"),
        ("http://[fd77::1]:8080/", "http://[fd77::1]:8080/"),
        ("http://169.254.3.4:8080", "http://169.254.3.4:8080/"),
        ("http://user:secret@192.168.1.5:8080/path?a#b", "http://192.168.1.5:8080/"),
        ("http://192.168.1.5/", ""),
        ("http://192.168.1.5:0/", ""),
        ("http://192.168.1.5:99999/", ""),
        ("http://[fd77::1%eth0]:8080/", ""),
        ("http://[::ffff:192.168.1.5]:8080/", ""),
        ("http://127.0.0.1:8080/", ""),
        ("http://[::1]:8080/", ""),
        ("http://0.0.0.0:8080/", ""),
        ("http://8.8.8.8:8080/", ""),
        ("http://[2001:db8::1]:8080/", ""),
        ("http://evil.example:8080/", ""),
        ("http://192.168.1.5.evil.example:8080/", ""),
        ("http://3232235777:8080/", ""),
        ("http://0xc0a80105:8080/", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("file://192.168.1.5:8080/x", ""),
        ("smb://192.168.1.5:445/", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_only_pages_at_a_number_of_a_network_at_home_are_opened(address: str, opened: str) -> None:
    assert at_home(address) == opened


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  two\n lines\t", "two lines"),
        ("\x1b[31m\u202eder\u2066", "[31m der"),
        ("x" * 41, "x" * 39 + "…"),
        ("\u202e\u0000", "?"),
        ("z" * 10**5, "z" * 39 + "…"),
    ],
)
def test_names_of_strangers_fit_a_menu(name: str, shown: str) -> None:
    (found,) = others(said(announced(name, version=name)), "")
    assert found.name == shown
    assert len(found.version) <= 20


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b'{"items": 1}',
        said(1),
        said({"name": "x"}),
        said(announced(addresses=[1])),
        said(announced("x", "javascript:alert(1)", "http://8.8.8.8:80/")),
        b"[" * 10**6,
    ],
)
def test_an_odd_answer_is_no_server(answer: bytes) -> None:
    assert others(answer, "") == []


def test_a_crowd_does_not_fill_the_screen() -> None:
    crowd = [announced(f"{number:05}") for number in range(10_000)]
    assert len(others(said(*crowd[:5_000]), "")) == 20
    assert others(said(*crowd), "") == [], "more than can come from the network"


def test_the_id_is_read_where_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "id"
    assert own_id(path) == ""
    path.write_text(f"{ID}\n")
    assert own_id(path) == ID
    path.write_bytes(b"\xff")
    assert own_id(path) == ""


A = Other(name="A & B", version="0.1.0", address="http://192.168.1.5:8080/")
B = Other(name="Bow", version="0.2.0", address="http://192.168.1.6:8080/")


def submenu(found: list[Other] | None) -> Entry:
    entries = menu(RUNNING, Seen(), starts_at_login=False, others=found)
    (one,) = [entry for entry in entries if entry.deed == "others"]
    return one


def test_the_menu_says_what_was_found() -> None:
    assert [one.text for one in submenu(None).below] == ["Looking around…"]
    assert [one.text for one in submenu([]).below] == ["No other server answers in this network"]
    heading, first, _ = submenu([A, B]).below
    assert (heading.text, heading.is_enabled) == ("In this network", False)
    assert (first.deed, first.target) == ("other", A.address)
    assert first.text.replace("\u2068", "").replace("\u2069", "") == (
        "A & B · 0.1.0 · 192.168.1.5:8080"
    )


def test_an_open_menu_grows_at_its_end(qtbot: QtBot) -> None:
    live, chosen = LiveMenu(), list[tuple[str, str]]()
    qtbot.addWidget(live)
    live.chosen.connect(lambda deed, target: chosen.append((deed, target)))
    live.offer(submenu(None).below)
    live.popup(QPoint())
    heading = live.actions()[0]
    live.offer(submenu([B]).below)
    assert live.actions()[0] is heading
    assert (heading.text(), len(live.actions())) == ("In this network", 2)
    live.offer(submenu([A, B]).below)
    assert len(live.actions()) == 2, "a line above another waits"
    live.hide()
    qtbot.waitUntil(lambda: len(live.actions()) == 3)
    assert "A && B" in live.actions()[1].text()
    live.actions()[1].trigger()
    assert chosen == [("other", A.address)]


def test_a_menu_that_grows_stays_beside_the_one_above_and_on_the_screen(qtbot: QtBot) -> None:
    above = LiveMenu()
    qtbot.addWidget(above)
    above.offer([submenu(None)])
    room = above.screen().availableGeometry()
    above.popup(room.bottomRight())
    below = above.actions()[0].menu()
    assert isinstance(below, LiveMenu)
    above.setActiveAction(above.actions()[0])
    qtbot.waitUntil(below.isVisible)
    assert below.x() < above.x()
    right_px = below.geometry().right()
    above.offer([submenu([A, B])])
    assert len(below.actions()) == 3
    assert below.geometry().right() == right_px
    assert room.contains(below.geometry())
    above.hide()


def program(folder: Path, source: str) -> Program:
    return Program(command=[sys.executable, "-c", source], folder=folder)


def test_what_a_program_prints_is_found_and_asked_again_only_later(
    qtbot: QtBot, tmp_path: Path
) -> None:
    source = f"open('ran', 'a').write('x'); print({said(announced()).decode()!r})"
    parent = QObject()
    around = Around(parent, program(tmp_path, source), tmp_path / "id")
    with qtbot.waitSignal(around.changed, timeout=10_000):
        around.look()
        around.look()
    assert around.found is not None
    assert [one.name for one in around.found] == ["Revenge 01234567"]
    qtbot.waitUntil(lambda: not around.children())
    around.look()
    assert not around.children()
    assert (tmp_path / "ran").read_text() == "x"


@pytest.mark.parametrize("source", ["raise SystemExit(1)", "import time; time.sleep(60)", None])
def test_an_errand_that_fails_hangs_or_cannot_start_ends(
    qtbot: QtBot, tmp_path: Path, source: str | None
) -> None:
    parent, ends = QObject(), list[bytes | None]()
    absent = Program(command=[str(tmp_path / "absent")], folder=tmp_path)
    one = program(tmp_path, source) if source else absent
    Errand(parent, one, ["x"], ends.append, limit_ms=1_000)
    qtbot.waitUntil(lambda: ends == [None], timeout=10_000)


def test_an_errand_ends_with_its_parent(qtbot: QtBot, tmp_path: Path) -> None:
    parent, ends = QObject(), list[bytes | None]()
    source = "open('ran', 'w').close(); import sys; sys.stdin.read()"
    errand = Errand(parent, program(tmp_path, source), [], ends.append, limit_ms=60_000)
    errand.give(b"a line")
    qtbot.waitUntil((tmp_path / "ran").exists, timeout=10_000)
    before = time.monotonic()
    with qtbot.waitSignal(parent.destroyed):
        parent.deleteLater()
    assert time.monotonic() - before < 5
    assert ends == []
