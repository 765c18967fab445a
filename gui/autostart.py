"""Start at login, in the way of each system: XDG autostart file, LaunchAgent, Run key."""

import contextlib
import plistlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

_LABEL: Final = "revenge"
_RUN_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
_RESERVED: Final = '"`$\\'


class Autostart(Protocol):
    """Whether the system starts the tray when its user signs in."""

    def is_on(self) -> bool:
        """Return whether it does."""
        ...

    def switch(self, *, on: bool) -> None:
        """Make it so. Raises: OSError."""
        ...


class FileAutostart:
    """A file that says what to start, where the system looks for such."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._content = content

    def is_on(self) -> bool:
        """Return whether the file is there."""
        return self._path.is_file()

    def switch(self, *, on: bool) -> None:
        """Write or remove the file. Raises: OSError."""
        if not on:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(self._content)


class RunKey:
    """A value in the user's Run key of the Windows registry."""

    def __init__(self, command: Sequence[str]) -> None:
        self._value = subprocess.list2cmdline(command)

    def is_on(self) -> bool:
        """Return whether the value is there."""
        if sys.platform == "win32":
            import winreg  # noqa: PLC0415 (exists on Windows only)

            user = winreg.HKEY_CURRENT_USER
            with contextlib.suppress(OSError), winreg.OpenKey(user, _RUN_KEY) as key:
                return bool(winreg.QueryValueEx(key, _LABEL)[0])
        return False

    def switch(self, *, on: bool) -> None:
        """Write or remove the value. Raises: OSError."""
        if sys.platform == "win32":
            import winreg  # noqa: PLC0415 (exists on Windows only)

            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
                if on:
                    winreg.SetValueEx(key, _LABEL, 0, winreg.REG_SZ, self._value)
                elif self.is_on():
                    winreg.DeleteValue(key, _LABEL)


def autostart(platform: str, home: Path, config_dir: Path, command: Sequence[str]) -> Autostart:
    """Return the way of a platform; `config_dir` is the XDG one."""
    match platform:
        case "win32":
            return RunKey(command)
        case "darwin":
            agents = home / "Library" / "LaunchAgents"
            return FileAutostart(agents / f"{_LABEL}.plist", launch_agent(command))
        case _:
            entry = desktop_entry(command).encode()
            return FileAutostart(config_dir / "autostart" / f"{_LABEL}.desktop", entry)


def desktop_entry(command: Sequence[str]) -> str:
    """Return an XDG autostart file (Desktop Entry Specification 1.5)."""
    words = " ".join(_desktop_word(word) for word in command)
    return (
        f"[Desktop Entry]\nType=Application\nName=Revenge\nExec={words}\nIcon=revenge\n"
        "Terminal=false\nX-GNOME-Autostart-enabled=true\n"
    )


def launch_agent(command: Sequence[str]) -> bytes:
    """Return a LaunchAgent."""
    return plistlib.dumps({"Label": _LABEL, "ProgramArguments": list(command), "RunAtLoad": True})


def _desktop_word(word: str) -> str:
    """Return a word of an Exec line: quoted, then escaped once more as every string of the file is."""
    quoted = "".join(f"\\{letter}" if letter in _RESERVED else letter for letter in word)
    return f'"{quoted}"'.replace("\\", "\\\\").replace("%", "%%")
