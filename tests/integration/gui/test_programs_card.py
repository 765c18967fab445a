"""The card of the programs over the real command line, and a server that gives them well or badly."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.errand import Program
from gui.windows.programs.view import ProgramsCard
from tests.helpers.process import ROOT
from tests.helpers.releases import ARCHIVE, PROGRAM, Origin, running_origin

WAIT_MS = 30_000
HALF = len(ARCHIVE) // 2


@pytest.fixture
def origin() -> Iterator[Origin]:
    with running_origin() as running:
        yield running


@pytest.fixture
def restarts() -> list[int]:
    return []


@pytest.fixture
def card(
    qtbot: QtBot,
    origin: Origin,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    restarts: list[int],
) -> Iterator[ProgramsCard]:
    monkeypatch.setenv("REVENGE_DATA_DIR", str(tmp_path / "data"))
    words = [sys.executable, "-m", "tests.helpers.shop", str(origin.manifest(tmp_path))]
    made = ProgramsCard(Program(command=words, folder=ROOT), lambda: restarts.append(1))
    qtbot.addWidget(made)
    made.show()
    made.programs.look()
    qtbot.waitUntil(lambda: "thing" in made.lines, timeout=WAIT_MS)
    yield made
    made.programs.cancel()


def text(card: ProgramsCard) -> str:
    return card.lines["thing"].text.text()


def ask_and_agree(qtbot: QtBot, card: ProgramsCard) -> None:
    """Press the button, and once more when the size is known."""
    line = card.lines["thing"]
    line.deed.click()
    qtbot.waitUntil(lambda: line.deed.text() == "Download", timeout=WAIT_MS)
    assert text(card) == "Download 2.0 MB from 127.0.0.1 and install it?"
    line.deed.click()


def test_a_program_is_installed_by_two_clicks_and_used_after_a_third(
    qtbot: QtBot, card: ProgramsCard, tmp_path: Path, restarts: list[int]
) -> None:
    line = card.lines["thing"]
    assert (text(card), line.deed.text()) == ("Not installed.", "Install…")
    assert "https://example.org/licence" in line.what.text()
    assert not card.lines["odd"].deed.isVisible()
    ask_and_agree(qtbot, card)
    said = "Installed. The server uses it from its next start."
    qtbot.waitUntil(lambda: text(card) == said, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: line.deed.text() == "Restart the server", timeout=WAIT_MS)
    line.deed.click()
    assert (restarts, line.deed.isVisible()) == ([1], False)
    place = tmp_path / "data" / "installed" / "thing" / "2.0" / "thing"
    assert place.read_bytes() == PROGRAM


def test_a_download_is_cancelled_and_goes_on_later(
    qtbot: QtBot, card: ProgramsCard, origin: Origin, tmp_path: Path
) -> None:
    line, installed = card.lines["thing"], tmp_path / "data" / "installed"
    origin.hold_after = HALF
    ask_and_agree(qtbot, card)
    qtbot.waitUntil(line.bar.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(
        lambda: [one.stat().st_size for one in installed.glob("*.part")] == [HALF],
        timeout=WAIT_MS,
    )
    line.stop.click()
    assert (text(card), line.deed.text()) == ("Not installed.", "Install…")
    assert not line.stop.isVisible()
    origin.hold_after = None
    ask_and_agree(qtbot, card)
    qtbot.waitUntil(lambda: text(card).startswith("Installed."), timeout=WAIT_MS)
    assert f"bytes={HALF}-" in origin.asked


def test_why_it_failed_is_said(qtbot: QtBot, card: ProgramsCard, origin: Origin) -> None:
    origin.files["/thing.tar.gz"] = ARCHIVE + b"x"
    line = card.lines["thing"]
    ask_and_agree(qtbot, card)
    qtbot.waitUntil(lambda: "its checksum is wrong" in text(card), timeout=WAIT_MS)
    assert line.text.property("part") == "bad"
    assert line.deed.isVisible()
