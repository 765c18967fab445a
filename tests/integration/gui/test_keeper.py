"""The session of the windows in a real keyring, in a file, and between the two."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.errand import Program
from gui.keeper import Keeper
from gui.session import Session, SessionFile
from tests.helpers.keyrings import secret_service
from tests.helpers.process import ROOT

PROGRAM = Program(command=[sys.executable, "-m", "app"], folder=ROOT)
ADA, BOB = Session(name="Ada Ωλ", token="one"), Session(name="Bob", token="two")
WAIT_MS = 20_000
LOCKED, HANGING, NONE, FORGETFUL = (
    "tests.helpers.keyrings.Locked",
    "tests.helpers.keyrings.Hanging",
    "keyring.backends.fail.Keyring",
    "keyring.backends.null.Keyring",
)


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QObject]:
    held = QObject()
    yield held
    with qtbot.waitSignal(held.destroyed):
        held.deleteLater()


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with secret_service(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield


def a_keeper(parent: QObject, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """Return the keeper of a data directory."""
    monkeypatch.setenv("REVENGE_DATA_DIR", str(folder))
    folder.mkdir(exist_ok=True)
    return Keeper(parent, PROGRAM, SessionFile(folder / "session.json"))


def loaded(qtbot: QtBot, keeper: Keeper) -> Session | None:
    told = list[Session | None]()
    keeper.load(told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    return told[0]


def settle(qtbot: QtBot, keeper: Keeper) -> None:
    """Wait until nothing is under way."""
    qtbot.waitUntil(lambda: not keeper.children(), timeout=WAIT_MS)


def test_a_session_lies_in_the_keyring_one_for_each_data_directory(
    qtbot: QtBot,
    parent: QObject,
    keyring: None,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, session in (("a", ADA), ("b", BOB)):
        keeper = a_keeper(parent, data_dir / name, monkeypatch)
        assert loaded(qtbot, keeper) is None
        keeper.keep(session)
        settle(qtbot, keeper)
        assert not keeper.is_in_file
    assert list(data_dir.glob("*/*")) == []
    first = a_keeper(parent, data_dir / "a", monkeypatch)
    assert loaded(qtbot, first) == ADA
    first.forget()
    settle(qtbot, first)
    assert loaded(qtbot, first) is None
    assert loaded(qtbot, a_keeper(parent, data_dir / "b", monkeypatch)) == BOB


def test_a_session_of_the_file_moves_to_a_keyring_that_works(
    qtbot: QtBot,
    parent: QObject,
    keyring: None,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keeper = a_keeper(parent, data_dir, monkeypatch)
    SessionFile(data_dir / "session.json").keep(ADA)
    assert loaded(qtbot, keeper) == ADA
    settle(qtbot, keeper)
    assert not (data_dir / "session.json").exists()
    assert loaded(qtbot, a_keeper(parent, data_dir, monkeypatch)) == ADA


@pytest.mark.parametrize("backend", [NONE, LOCKED, FORGETFUL, "no.such.Keyring"])
def test_without_a_keyring_that_works_it_lies_in_a_file_and_that_is_told(
    qtbot: QtBot,
    parent: QObject,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    backend: str,
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    keeper = a_keeper(parent, data_dir, monkeypatch)
    assert loaded(qtbot, keeper) is None
    with qtbot.waitSignal(keeper.changed, timeout=WAIT_MS):
        keeper.keep(ADA)
    assert keeper.is_in_file
    again = a_keeper(parent, data_dir, monkeypatch)
    assert loaded(qtbot, again) == ADA
    settle(qtbot, again)
    assert again.is_in_file
    with qtbot.waitSignal(again.changed):
        again.forget()
    assert SessionFile(data_dir / "session.json").load() is None


def test_a_keyring_that_hangs_holds_nobody_up(
    qtbot: QtBot, parent: QObject, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", HANGING)
    keeper, told = a_keeper(parent, data_dir, monkeypatch), list[Session | None]()
    keeper.load(told.append)
    keeper.keep(ADA)  # somebody signs in meanwhile
    keeper.close()
    assert not told
    assert SessionFile(data_dir / "session.json").load() == ADA
    settle(qtbot, keeper)


def test_a_keyring_that_hangs_is_given_up(
    qtbot: QtBot, parent: QObject, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", HANGING)
    monkeypatch.setattr("gui.keeper._LIMIT_MS", 3_000)
    keeper = a_keeper(parent, data_dir, monkeypatch)
    keeper.keep(ADA)
    qtbot.waitUntil(lambda: keeper.is_in_file, timeout=WAIT_MS)
    assert loaded(qtbot, a_keeper(parent, data_dir, monkeypatch)) == ADA


def test_a_keyring_that_hangs_ends_with_a_killed_tray(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", HANGING)
    monkeypatch.setenv("REVENGE_DATA_DIR", str(data_dir))
    words = [*PROGRAM.command, "keyring", "keep"]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(b"a line\n")
        child.stdin.close()
        assert child.wait(20) == 1
