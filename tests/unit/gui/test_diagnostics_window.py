"""The window of the diagnostics: what is shown is what is saved."""

import errno
import os
import stat
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.api import Client, Document
from gui.diagnosis import Diagnosis, Unreadable, gatherer, write
from gui.windows.diagnostics.presenter import Sheaf, file_name, line, why_not
from gui.windows.diagnostics.view import DiagnosticsWindow
from tests.helpers.process import ROOT

IS_ROOT = os.geteuid() == 0


def a_document(name: str, text: str) -> Document:
    return Document(name=name, size_bytes=len(text.encode()), text=text)


DOCUMENTS = [a_document("system.json", '{"größe": 1}\n'), a_document("log.jsonl", "")]
FOUND = Diagnosis(documents=DOCUMENTS, is_of_server=True)


class Later:
    """Does what is asked when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__[T](
        self,
        call: Callable[[], T],
        on_result: Callable[[T], object],
        on_error: Callable[[Exception], object],
    ) -> None:
        def run() -> None:
            try:
                answer = call()
            except Exception as error:  # noqa: BLE001 (as a Query does)
                on_error(error)
            else:
                on_result(answer)

        self.waiting.append(run)

    def run(self) -> None:
        self.waiting.pop(0)()


def a_sheaf(found: Diagnosis | Exception = FOUND) -> tuple[Sheaf, Later]:
    def gather(_: Client | None) -> Diagnosis:
        if isinstance(found, Exception):
            raise found
        return found

    later = Later()
    return Sheaf(later, lambda: None, lambda: None, gather), later


def test_nothing_is_saved_before_it_was_seen(tmp_path: Path) -> None:
    sheaf, later = a_sheaf()
    sheaf.save(tmp_path / "a.zip")
    sheaf.refresh()
    sheaf.refresh()
    assert (len(later.waiting), sheaf.can_save, sheaf.note) == (1, False, "Being gathered…")
    later.run()
    assert sheaf.can_save
    assert sheaf.note == "From the server that runs."
    assert list(tmp_path.iterdir()) == []


def test_what_was_shown_is_saved_whatever_happens_to_the_server(tmp_path: Path) -> None:
    sheaf, later = a_sheaf()
    sheaf.refresh()
    later.run()
    path = tmp_path / "a.zip"
    path.write_bytes(b"the dialog asked about this one")
    sheaf.save(path)
    assert (sheaf.note, sheaf.can_save) == ("Being saved…", False)
    later.run()
    assert sheaf.note == f"Saved: {path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    assert content == {one.name: one.text.encode() for one in DOCUMENTS}
    assert [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def test_a_failure_is_said_and_can_be_tried_again() -> None:
    sheaf, later = a_sheaf(Unreadable("No such file or directory"))
    sheaf.refresh()
    later.run()
    assert "(No such file or directory)" in sheaf.error
    assert (sheaf.is_busy, sheaf.can_save) == (False, False)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "x"), "the disk is full"),
        (PermissionError(errno.EACCES, "x"), "may not write there"),
        (OSError(errno.EROFS, "x"), "may not write there"),
        (OSError(errno.EISDIR, "Is a directory"), "(Is a directory)"),
        (ValueError("x"), "(ValueError)"),
    ],
)
def test_why_a_file_could_not_be_written_is_said(error: Exception, words: str) -> None:
    said = why_not(error, Path("/srv/a.zip"))
    assert said.startswith("/srv/a.zip ")
    assert words in said


def test_a_place_that_is_none_keeps_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(DOCUMENTS, tmp_path / "absent" / "a.zip")
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(OSError, match="directory"):
        write(DOCUMENTS, tmp_path / "folder.zip")
    assert [one.name for one in tmp_path.iterdir()] == ["folder.zip"]


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_place_that_is_closed_keeps_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            write(DOCUMENTS, tmp_path / "a.zip")
    finally:
        tmp_path.chmod(0o700)


def test_each_document_is_listed_with_its_size_and_the_file_with_its_day() -> None:
    assert line(a_document("log.jsonl", "x" * 12_345)) == "log.jsonl\n12 kB"
    assert file_name(date(2026, 11, 21)) == "revenge-diagnostics-2026-11-21.zip"


def test_the_window_shows_each_document_before_it_is_saved(qtbot: QtBot) -> None:
    window = DiagnosticsWindow(lambda: None, lambda _: FOUND)
    qtbot.addWidget(window)
    window.show()
    assert not window.save.isEnabled()
    qtbot.waitUntil(window.save.isEnabled)
    assert window.text.toPlainText() == DOCUMENTS[0].text
    window.list.setCurrentRow(1)
    assert window.text.toPlainText() == ""
    assert window.text.placeholderText() == "Nothing is known here."
    window.refresh.click()
    qtbot.waitUntil(window.save.isEnabled)
    assert window.list.currentRow() == 1


def test_the_window_of_what_cannot_be_gathered_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    window = DiagnosticsWindow(lambda: None, gatherer([str(tmp_path / "absent")], tmp_path))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(window.error.isVisible)
    assert "No such file" in window.error.text()
    assert not window.save.isEnabled()
    assert window.refresh.isEnabled()


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("print('no json')", "0"),
        ("import sys; sys.exit('revenge-server: it says why')", "it says why"),
        ("import os; os.write(1, b'\\xff\\xfe')", "0"),
        ('print(\'{"items": [{"name": 7}]}\')', "0"),
    ],
)
def test_a_program_that_tells_nothing_is_said(tmp_path: Path, program: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        gatherer([sys.executable, "-c", program], tmp_path)(None)


def test_where_the_server_is_gone_meanwhile_its_program_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVENGE_DATA_DIR", str(tmp_path))
    gather = gatherer([sys.executable, "-m", "app"], ROOT)
    found = gather(Client("http://127.0.0.1:1"))
    assert not found.is_of_server
    assert "system.json" in [one.name for one in found.documents]
