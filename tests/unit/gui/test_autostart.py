"""Start at login, in the way of each system; only the XDG one is ever carried out here."""

import plistlib
from configparser import ConfigParser
from pathlib import Path

import pytest

from gui.autostart import FileAutostart, RunKey, autostart, desktop_entry, launch_agent

COMMAND = ["/opt/my programs/revenge", "run", 'a"b$c`d\\e%f']


def test_the_file_is_written_where_the_desktop_looks_and_removed_again(tmp_path: Path) -> None:
    one = autostart("linux", tmp_path, tmp_path / "config", COMMAND)
    assert not one.is_on()
    one.switch(on=True)
    one.switch(on=True)
    assert (tmp_path / "config" / "autostart" / "revenge.desktop").is_file()
    assert one.is_on()
    one.switch(on=False)
    one.switch(on=False)
    assert not one.is_on()


def test_a_desktop_entry_quotes_what_has_a_meaning_there() -> None:
    parser = ConfigParser(interpolation=None)
    parser.read_string(desktop_entry(COMMAND))
    entry = parser["Desktop Entry"]
    assert entry["type"] == "Application"
    words = r'"/opt/my programs/revenge" "run" "a\\"b\\$c\\`d\\\\e%%f"'
    assert entry["exec"] == words


def test_a_launch_agent_names_the_words_one_by_one(tmp_path: Path) -> None:
    agent = plistlib.loads(launch_agent(COMMAND))
    assert agent == {"Label": "revenge", "ProgramArguments": COMMAND, "RunAtLoad": True}
    one = autostart("darwin", tmp_path, tmp_path, COMMAND)
    one.switch(on=True)
    assert (tmp_path / "Library" / "LaunchAgents" / "revenge.plist").is_file()


def test_windows_has_its_run_key(tmp_path: Path) -> None:
    assert isinstance(autostart("win32", tmp_path, tmp_path, COMMAND), RunKey)


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(OSError, match="taken"):
        FileAutostart(tmp_path / "taken" / "x", b"").switch(on=True)
